import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { approve, decline, withdraw } from "@/app/actions/approvals";
import { answerHelp, inviteColleague, resendInvitation, revokeInvitation } from "@/app/actions/people";
import { PeopleView } from "@/components/admin/people-view";
import { mayAdminister } from "@/lib/access/access";
import { readWaysToAsk } from "@/lib/approvals/approvers";
import { readOpenApprovals } from "@/lib/approvals/read";
import { hasRoomForAdministrator } from "@/lib/people/administrators";
import { readPeopleList, shownPeople } from "@/lib/people/read-list";
import { readOpenHelpRequests, readOpenLinks } from "@/lib/people/read-people";
import { roles } from "@/lib/people/role-words";
import { readTeams } from "@/lib/people/teams";
import { environment } from "@/lib/platform/env";
import { runningReader } from "@/lib/platform/running-database";
import { requireSession } from "@/lib/session/require-session";

export async function generateMetadata(): Promise<Metadata> {
  const { person } = await requireSession();
  return { title: mayAdminister(person) ? "People" : "Not found" };
}

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> };

export default async function PeoplePage({ searchParams }: Props) {
  const { person } = await requireSession();
  if (!mayAdminister(person)) notFound();
  const given = await searchParams;
  const text = (name: string) => (typeof given[name] === "string" ? given[name].slice(0, 4000) : undefined);
  const read = await runningReader();
  const teams = await readTeams(read);
  const view = {
    q: text("q")?.slice(0, 200) ?? "",
    role: roles.find((one) => one === text("role")),
    teamId: teams.find(({ id }) => id === text("team"))?.id,
    show: shownPeople.find((one) => one === text("show")),
  };
  const [list, links, requests, approvals, alone, ways] = await Promise.all([
    readPeopleList(read, person, { ...view, after: text("after"), before: text("before") }),
    readOpenLinks(read, person, view.q),
    readOpenHelpRequests(read, person),
    readOpenApprovals(read, person),
    hasRoomForAdministrator(read),
    readWaysToAsk(read, { askedBy: person.id, target: null }),
  ]);
  return (
    <PeopleView
      list={list}
      view={view}
      links={links}
      requests={requests}
      approvals={approvals}
      teams={teams}
      alone={alone}
      ways={ways}
      mailConfigured={environment().smtpUrl !== undefined}
      actions={{
        invite: inviteColleague,
        resend: resendInvitation,
        revoke: revokeInvitation,
        answerHelp,
        approve,
        decline,
        withdraw,
      }}
    />
  );
}
