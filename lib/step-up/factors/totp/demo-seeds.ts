import { generate } from "otplib";
import { stepSeconds } from "./steps";

/**
 * Seeds of the demo accounts: published, constant, and dead wherever demo mode is off, since these accounts cannot
 * sign in there.
 */
export const demoSeeds: Record<string, string> = {
  "theo@keyturn.example": "KEYTURNTHEOAAAAAAAAAAAAAAAAAAAAA",
  "maya@keyturn.example": "KEYTURNMAYAAAAAAAAAAAAAAAAAAAAAA",
  "ada@keyturn.example": "KEYTURNADAAAAAAAAAAAAAAAAAAAAAAA",
  "alan@keyturn.example": "KEYTURNALANAAAAAAAAAAAAAAAAAAAAA",
};

/** The code that a demo account's app shows now, and how long it does. */
export async function currentCode(seed: string, now: Date): Promise<{ code: string; secondsLeft: number }> {
  const epoch = Math.floor(now.getTime() / 1000);
  return { code: await generate({ secret: seed, epoch }), secondsLeft: stepSeconds - (epoch % stepSeconds) };
}
