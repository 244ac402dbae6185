import { and, inArray, isNull } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { people, teams } from "@/db/schema/people";
import { authenticators, totpSeeds } from "@/db/schema/step-up";
import type { Staff } from "./companies";
import { type SeededPerson, seededPeople, type TeamName, teamNames } from "./people";
import { idOf } from "./random";

/** What it takes to make an account, from outside: keys and the cost of a password hash. */
export type AccountMaker = {
  /** Hash of the demo accounts' published password. */
  demoPasswordHash: string;
  /** Hash of a password that nobody knows. */
  unknownPasswordHash: string;
  sealSeed(userId: string, authenticatorId: string, seedBase32: string): string;
};

/** Makes the teams and, with `accounts`, the demo's people, as far as they are missing; tells who is there. */
export async function hireStaff(tx: Tx, accounts: AccountMaker | null): Promise<Staff> {
  await tx
    .insert(teams)
    .values(teamNames.map((name) => ({ id: idOf("team", name), name })))
    .onConflictDoNothing();
  const found = await tx
    .select()
    .from(teams)
    .where(inArray(teams.name, [...teamNames]));
  const teamIds = byTeam((name) => found.find((team) => team.name === name)?.id ?? "");
  if (accounts) await openAccounts(tx, accounts, teamIds);
  return { teams: teamIds, colleagues: await colleaguesOf(tx, teamIds) };
}

async function openAccounts(
  tx: Tx,
  accounts: AccountMaker,
  teamIds: Record<TeamName, string>,
): Promise<void> {
  const rows = seededPeople.map(({ id, email, name, role, team, signsIn }) => ({
    id,
    email,
    name,
    role,
    teamId: team ? teamIds[team] : null,
    passwordHash: signsIn ? accounts.demoPasswordHash : accounts.unknownPasswordHash,
    isDemo: true,
  }));
  const made = await tx.insert(people).values(rows).onConflictDoNothing().returning({ id: people.id });
  for (const person of seededPeople) {
    if (person.seed && made.some(({ id }) => id === person.id))
      await bindDemoAuthenticator(tx, person, person.seed, accounts);
  }
}

async function bindDemoAuthenticator(
  tx: Tx,
  person: SeededPerson,
  seed: string,
  accounts: AccountMaker,
): Promise<void> {
  const id = idOf("authenticator", person.email);
  await tx
    .insert(authenticators)
    .values({ id, userId: person.id, factor: "totp", name: "Demo authenticator" });
  await tx
    .insert(totpSeeds)
    .values({ authenticatorId: id, sealedSeed: accounts.sealSeed(person.id, id, seed) });
}

/** The seeded people, and no others: a real colleague gets no invented customers. */
async function colleaguesOf(tx: Tx, teamIds: Record<TeamName, string>): Promise<Staff["colleagues"]> {
  const ids = seededPeople.map(({ id }) => id);
  const there = await tx
    .select({ id: people.id, name: people.name, teamId: people.teamId })
    .from(people)
    .where(
      and(inArray(people.id, ids), inArray(people.role, ["employee", "manager"]), isNull(people.disabledAt)),
    )
    .orderBy(people.name);
  return byTeam((team) =>
    there.filter(({ teamId }) => teamId === teamIds[team]).map(({ id, name }) => ({ id, name })),
  );
}

function byTeam<T>(of: (team: TeamName) => T): Record<TeamName, T> {
  return { North: of("North"), South: of("South"), West: of("West"), "Key accounts": of("Key accounts") };
}
