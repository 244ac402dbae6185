import { and, asc, eq, inArray, isNull, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Reader } from "@/db/client";
import { people, teams } from "@/db/schema/people";
import { mayCreateCustomer } from "@/lib/access/access";
import type { Person } from "./person";

export type Named = { id: string; name: string };

/** A team by its id; null when there is none. */
export async function readTeam(read: Reader, teamId: string): Promise<Named | null> {
  const [team] = await read
    .select({ id: teams.id, name: teams.name })
    .from(teams)
    .where(sameId(teams.id, teamId));
  return team ?? null;
}

/** The teams that a person may put a new customer into, their own first. */
export async function readTeamsToCreateIn(read: Reader, person: Person): Promise<Named[]> {
  const all = await read.select({ id: teams.id, name: teams.name }).from(teams).orderBy(asc(teams.name));
  const open = all.filter((team) => mayCreateCustomer(person, team.id));
  return [...open.filter(({ id }) => id === person.teamId), ...open.filter(({ id }) => id !== person.teamId)];
}

/** Who can look after a customer of this team: its people with customers' work and an open account. */
export async function readAccountManagers(read: Reader, teamId: string): Promise<Named[]> {
  return read
    .select({ id: people.id, name: people.name })
    .from(people)
    .where(
      and(
        sameId(people.teamId, teamId),
        inArray(people.role, ["employee", "manager"]),
        isNull(people.disabledAt),
      ),
    )
    .orderBy(asc(people.name), asc(people.id));
}

/** An id that is none finds nothing, instead of an error of the database. */
function sameId(column: typeof teams.id | typeof people.teamId, id: string): SQL {
  return z.guid().safeParse(id).success ? eq(column, id) : sql`false`;
}
