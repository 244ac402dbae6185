import type { Role } from "@/db/schema/people";
import { demoSeeds } from "@/lib/step-up/factors/totp/demo-seeds";

/** The password of every demo account. They are dead where demo mode is off. */
export const demoPassword = "turn the key twice";

export type DemoAccount = { email: string; name: string; role: Role; seed: string | null };

const people: [email: string, name: string, role: Role][] = [
  ["erin@keyturn.example", "Erin Novak", "employee"],
  ["theo@keyturn.example", "Theo Brandt", "employee"],
  ["maya@keyturn.example", "Maya Okafor", "manager"],
  ["ada@keyturn.example", "Ada Lindqvist", "administrator"],
  ["alan@keyturn.example", "Alan Moreau", "administrator"],
  ["nora@keyturn.example", "Nora Feld", "auditor"],
];

/** The demo's people; Erin has no second factor yet. */
export const demoAccounts: DemoAccount[] = people.map(([email, name, role]) => ({
  email,
  name,
  role,
  seed: demoSeeds[email] ?? null,
}));
