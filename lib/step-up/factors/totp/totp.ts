import { inArray } from "drizzle-orm";
import { z } from "zod";
import type { Reader, Tx } from "@/db/client";
import { totpSeeds } from "@/db/schema/step-up";
import type { KeyRing } from "@/lib/platform/key-ring";
import { type ChallengeFacts, defineFactor, type Factor, type Subject, type Verdict } from "../factor";
import { normaliseCode } from "./normalise-code";
import { unsealSeed } from "./seed";
import { matchStep, secondsToNextCode, spendStep } from "./steps";

export type TotpOptions = { names: string[] };

const answer = z.strictObject({ code: z.string().max(64) });

/** One-time codes of an authenticator app (RFC 6238). */
export function createTotpFactor(ring: KeyRing): Factor {
  return defineFactor({
    name: "totp",
    budget: "codes",
    answer,
    async prepare(_read: Reader, subject: Subject): Promise<TotpOptions | null> {
      const names = subject.authenticators.map((one) => one.name);
      return names.length > 0 ? { names } : null;
    },
    /** Normalise, compare with each app, then compare-and-set the step; the try was counted before. */
    async verify(tx: Tx, subject: Subject, _challenge: ChallengeFacts, { code: typed }): Promise<Verdict> {
      const code = normaliseCode(typed);
      if (code === null) return { accepted: false, reason: "malformed" };
      const match = await matchAny(tx, ring, subject, code);
      if (!match) return { accepted: false, reason: "wrong" };
      if (!(await spendStep(tx, subject.userId, match.step))) {
        return { accepted: false, reason: "used", retryAfterSeconds: secondsToNextCode(match.step, subject.now) };
      }
      return { accepted: true, authenticatorId: match.authenticatorId };
    },
  });
}

async function matchAny(tx: Tx, ring: KeyRing, subject: Subject, code: string) {
  const ids = subject.authenticators.map((one) => one.id);
  if (ids.length === 0) return null;
  const seeds = await tx.select().from(totpSeeds).where(inArray(totpSeeds.authenticatorId, ids));
  for (const { authenticatorId, sealedSeed } of seeds) {
    const step = await matchStep(unsealSeed(ring, subject.userId, authenticatorId, sealedSeed), code, subject.now);
    if (step !== null) return { step, authenticatorId };
  }
  return null;
}
