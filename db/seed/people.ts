import type { Role } from "@/db/schema/people";
import { demoAccounts } from "@/lib/demo/accounts";
import { idOf } from "./random";

export const teamNames = ["North", "South", "West", "Key accounts"] as const;
export type TeamName = (typeof teamNames)[number];

export type SeededPerson = {
  id: string;
  email: string;
  name: string;
  role: Role;
  team: TeamName | null;
  /** base32 seed of the demo authenticator; null: no second factor. */
  seed: string | null;
  /** Whether the published demo password opens this account; the others have a password nobody knows. */
  signsIn: boolean;
};

const teamsOfAccounts: Record<string, TeamName> = {
  "erin@keyturn.example": "North",
  "theo@keyturn.example": "North",
  "maya@keyturn.example": "Key accounts",
};

const colleagues: readonly (readonly [name: string, team: TeamName])[] = [
  ["Jonas Petersen", "North"],
  ["Aylin Demir", "North"],
  ["Sjoerd Dijkstra", "North"],
  ["Magdalena Huber", "South"],
  ["Luca Bernasconi", "South"],
  ["Chiara Rinaldi", "South"],
  ["Hélène Garnier", "West"],
  ["Gareth Llewellyn", "West"],
  ["Iñigo Etxeberria", "West"],
  ["Priya Raman", "Key accounts"],
  ["Björn Åkesson", "Key accounts"],
  ["Friederike von der Heydt", "Key accounts"],
];

/** The demo accounts of lib/demo/accounts.ts, and the colleagues who look after the other customers. */
export const seededPeople: readonly SeededPerson[] = [
  ...demoAccounts.map(({ email, name, role, seed }) =>
    person({ email, name, role, seed, team: teamsOfAccounts[email] ?? null, signsIn: true }),
  ),
  ...colleagues.map(([name, team]) =>
    person({
      email: `${mailName(name)}@keyturn.example`,
      name,
      role: "employee",
      seed: null,
      team,
      signsIn: false,
    }),
  ),
];

function person(one: Omit<SeededPerson, "id">): SeededPerson {
  return { id: idOf("person", one.email), ...one };
}

function mailName(name: string): string {
  return name.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "").replace(/ /g, ".");
}
