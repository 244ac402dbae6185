import type { Database } from "@/db/client";
import { fillDatabase } from "./fill";
import { seededPeople } from "./people";
import { idOf } from "./random";

/** Noon of a Tuesday: what tests count back from. */
export const seededNow = new Date("2026-11-24T12:00:00Z");

const accounts = {
  demoPasswordHash: "$argon2id$of the demo",
  unknownPasswordHash: "$argon2id$of nobody",
  sealSeed: (userId: string, authenticatorId: string, seed: string) => `${userId}:${authenticatorId}:${seed}`,
};

/** The demo's data, with passwords and seals that cost nothing. */
export function fillForTests(database: Database, customers: number, options: { demo?: boolean } = {}) {
  return fillDatabase(database, {
    customers,
    now: seededNow,
    accounts: options.demo === false ? null : accounts,
  });
}

/** One of the demo's people as the session would read them, like `seeded("theo")`. */
export function seeded(name: string) {
  const found = seededPeople.find(({ email }) => email === `${name}@keyturn.example`);
  if (!found) throw new Error(`there is no ${name}`);
  const { id, email, role, team } = found;
  return { id, name: found.name, email, role, teamId: team && idOf("team", team) };
}
