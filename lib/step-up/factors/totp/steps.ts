import { sql } from "drizzle-orm";
import { verify } from "otplib";
import type { Tx } from "@/db/client";
import { totpSteps } from "@/db/schema/step-up";

export const stepSeconds = 30;

/**
 * The time step whose code this is, within one step of now to either side (RFC 6238 § 5.2; a stated deviation from
 * ASVS v5.0.0-6.5.5), or null. `code` is normalised.
 */
export async function matchStep(seed: string, code: string, now: Date): Promise<number | null> {
  const epoch = Math.floor(now.getTime() / 1000);
  try {
    // otplib answers with an object, which is always truthy, and throws for malformed input.
    const result = await verify({ secret: seed, token: code, epoch, epochTolerance: stepSeconds });
    return result.valid === true && "timeStep" in result ? result.timeStep : null;
  } catch {
    return null;
  }
}

/**
 * Spends a step of this user: true once, over all of their apps and surfaces, in any number of parallel calls. An
 * older step than the last one is spent, too.
 */
export async function spendStep(tx: Tx, userId: string, step: number): Promise<boolean> {
  const spent = await tx
    .insert(totpSteps)
    .values({ userId, lastStep: step })
    .onConflictDoUpdate({
      target: totpSteps.userId,
      set: { lastStep: sql`excluded.last_step` },
      setWhere: sql`${totpSteps.lastStep} < excluded.last_step`,
    })
    .returning({ step: totpSteps.lastStep });
  return spent.length === 1;
}

/** Seconds until a code that was not used yet is on the display: after the spent step ends. */
export function secondsToNextCode(spentStep: number, now: Date): number {
  return Math.max(1, Math.ceil((spentStep + 1) * stepSeconds - now.getTime() / 1000));
}
