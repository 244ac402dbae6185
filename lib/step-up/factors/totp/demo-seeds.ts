import { generate } from "otplib";
import { stepSeconds } from "./steps";

/**
 * FOR THE DEMO ONLY. Seeds of the demo accounts, by e-mail address: published, constant, and dead wherever demo mode
 * is off, since these accounts cannot sign in there.
 */
export const demoSeeds: Readonly<Record<string, string>> = {
  "theo@keyturn.example": "KEYTURNTHEOAAAAAAAAAAAAAAAAAAAAA",
  "maya@keyturn.example": "KEYTURNMAYAAAAAAAAAAAAAAAAAAAAAA",
  "ada@keyturn.example": "KEYTURNADAAAAAAAAAAAAAAAAAAAAAAA",
  "alan@keyturn.example": "KEYTURNALANAAAAAAAAAAAAAAAAAAAAA",
  "nora@keyturn.example": "KEYTURNNORAAAAAAAAAAAAAAAAAAAAAA",
};

/** The seed of a demo account, by its address in any case; null where it has none. */
export function demoSeedOf(email: string): string | null {
  const address = email.trim().toLowerCase();
  return Object.hasOwn(demoSeeds, address) ? (demoSeeds[address] ?? null) : null;
}

/** The code that an app with this seed (base32) shows now, and how many whole or begun seconds it still does. */
export async function currentCode(seed: string, now: Date): Promise<{ code: string; secondsLeft: number }> {
  const epoch = Math.floor(now.getTime() / 1000);
  return { code: await generate({ secret: seed, epoch }), secondsLeft: stepSeconds - (epoch % stepSeconds) };
}
