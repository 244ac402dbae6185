import type { PeopleQuery } from "@/lib/people/read-list";

export type PeopleView = Pick<PeopleQuery, "q" | "role" | "teamId" | "show">;

/** The address of a view of the people; members at their defaults are left out. */
export function peopleLink(view: PeopleView, place: { after?: string; before?: string } = {}): string {
  const { q, role, teamId, show } = view;
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries({ q, role, team: teamId, show, ...place }))
    if (value) parameters.set(name, value);
  return parameters.size > 0 ? `/admin/users?${parameters}` : "/admin/users";
}
