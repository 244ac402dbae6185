import { asc, eq, sql } from "drizzle-orm";
import type { Reader, Tx } from "@/db/client";
import { teams } from "@/db/schema/people";
import type { Named } from "./read";

/** All teams by name. */
export async function readTeams(read: Reader): Promise<Named[]> {
  return read.select({ id: teams.id, name: teams.name }).from(teams).orderBy(asc(teams.name));
}

/** A team by its name, however it is capitalised: "north" is no second North. */
export async function readTeamByName(read: Reader, name: string): Promise<Named | null> {
  const [team] = await read
    .select({ id: teams.id, name: teams.name })
    .from(teams)
    .where(sql`lower(${teams.name}) = lower(${name})`)
    .orderBy(sql`${eq(teams.name, name)} desc`)
    .limit(1);
  return team ?? null;
}

/** The team of this name, made where there is none. The caller takes turns (takeInvitationTurn). */
export async function findOrMakeTeam(tx: Tx, name: string): Promise<Named> {
  const found = await readTeamByName(tx, name);
  if (found) return found;
  const [made] = await tx.insert(teams).values({ name }).returning({ id: teams.id, name: teams.name });
  if (!made) throw new Error("the team was not written");
  return made;
}
