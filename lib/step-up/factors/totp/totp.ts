import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Reader, Tx } from "@/db/client";
import { authenticators, totpSeeds } from "@/db/schema/step-up";
import { type KeyRing, SealError } from "@/lib/platform/key-ring";
import { answering, ofFactor } from "../answering";
import { type ChallengeFacts, defineFactor, type Factor, type Subject, type Verdict } from "../factor";
import { normaliseCode } from "../normalise-code";
import { unsealSeed } from "./seed";
import { matchStep, secondsToNextCode, spendStep } from "./steps";

/** What the prompt shows: the names of the apps that may answer. */
export type TotpOptions = { names: string[] };

const answer = z.strictObject({ code: z.string().max(64) });

/**
 * One-time codes of an authenticator app (RFC 6238: SHA-1, six digits, 30 s). `ring` opens the seeds. An answer is
 * `{ code }`; it passes once a user, whichever of their apps shows it (ASVS v5.0.0-6.5.1).
 */
export function createTotpFactor(ring: KeyRing): Factor {
  return defineFactor({
    name: "totp",
    budget: "codes",
    answer,
    async prepare(_read: Reader, subject: Subject): Promise<TotpOptions | null> {
      const names = ofFactor(subject, "totp").map((one) => one.name);
      return names.length > 0 ? { names } : null;
    },
    /** Normalise, compare with each app, then compare-and-set the step; the try was counted before (threats.md 8). */
    async verify(tx: Tx, subject: Subject, _challenge: ChallengeFacts, { code: typed }): Promise<Verdict> {
      const code = normaliseCode(typed);
      if (code === null) return { accepted: false, reason: "malformed" };
      const { match, readable, unreadable } = await compare(
        ring,
        subject,
        code,
        await readSeeds(tx, subject),
      );
      if (!match) return noMatch(readable, unreadable);
      if (!(await spendStep(tx, subject.userId, match.step))) {
        return {
          accepted: false,
          reason: "used",
          retryAfterSeconds: secondsToNextCode(match.step, subject.now),
        };
      }
      return { accepted: true, authenticatorId: match.authenticatorId };
    },
  });
}

type SealedSeed = { authenticatorId: string; sealedSeed: string };

function readSeeds(tx: Tx, subject: Subject): Promise<SealedSeed[]> {
  return tx
    .select({ authenticatorId: totpSeeds.authenticatorId, sealedSeed: totpSeeds.sealedSeed })
    .from(totpSeeds)
    .innerJoin(authenticators, eq(authenticators.id, totpSeeds.authenticatorId))
    .where(answering(subject, "totp"));
}

/** Compares with every app: one whose seed does not open must not take the others along. */
async function compare(ring: KeyRing, subject: Subject, code: string, seeds: SealedSeed[]) {
  let match: { step: number; authenticatorId: string } | null = null;
  const unreadable: string[] = [];
  for (const { authenticatorId, sealedSeed } of seeds) {
    const seed = openSeed(ring, subject.userId, authenticatorId, sealedSeed);
    if (seed === null) unreadable.push(authenticatorId);
    const step = seed === null ? null : await matchStep(seed, code, subject.now);
    if (step !== null) match ??= { step, authenticatorId };
  }
  return { match, readable: seeds.length - unreadable.length, unreadable };
}

function openSeed(ring: KeyRing, userId: string, authenticatorId: string, sealed: string): string | null {
  try {
    return unsealSeed(ring, userId, authenticatorId, sealed);
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}

/** A seed that does not open is the administrators' to know: a key is missing, or somebody moved a row. */
function noMatch(readable: number, unreadable: string[]): Verdict {
  if (unreadable.length === 0) return { accepted: false, reason: "wrong" };
  const audit = `the seed of ${unreadable.join(", ")} does not open`;
  return { accepted: false, reason: readable > 0 ? "wrong" : "unavailable", audit, broken: true };
}
