import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Reader, Tx } from "@/db/client";
import { recoveryCodes } from "@/db/schema/step-up";
import { dummyHash, verifySecret } from "@/lib/platform/password-hash";
import { type ChallengeFacts, defineFactor, type Factor, type Subject, type Verdict } from "../factor";
import { normaliseRecoveryCode } from "./codes";

export type RecoveryOptions = { left: number };

const answer = z.strictObject({ code: z.string().max(128) });

/** One of the ten codes that were handed out at activation; each works once, and for an enrolment only. */
export function createRecoveryCodeFactor(): Factor {
  return defineFactor({
    name: "recovery-code",
    budget: "recovery",
    answer,
    async prepare(read: Reader, subject: Subject): Promise<RecoveryOptions | null> {
      const left = await read.$count(recoveryCodes, unused(subject.userId));
      return left > 0 ? { left } : null;
    },
    /** The stored hash is not accepted as a code: it has another shape, and is compared by argon2id only. */
    async verify(tx: Tx, subject: Subject, _challenge: ChallengeFacts, { code: typed }): Promise<Verdict> {
      const code = normaliseRecoveryCode(typed);
      if (code === null) return { accepted: false, reason: "malformed" };
      const [candidate] = await tx
        .select({ id: recoveryCodes.id, hash: recoveryCodes.hash })
        .from(recoveryCodes)
        .where(and(unused(subject.userId), eq(recoveryCodes.lookup, code.slice(0, 3))));
      const matches = await verifySecret(candidate?.hash ?? (await dummyHash()), code);
      if (!candidate || !matches) return { accepted: false, reason: "wrong" };
      const spent = await tx
        .update(recoveryCodes)
        .set({ usedAt: sql`now()` })
        .where(and(eq(recoveryCodes.id, candidate.id), unused(subject.userId)))
        .returning({ id: recoveryCodes.id });
      return spent.length === 1 ? { accepted: true, authenticatorId: null } : { accepted: false, reason: "used" };
    },
  });
}

function unused(userId: string) {
  return and(eq(recoveryCodes.userId, userId), isNull(recoveryCodes.usedAt), isNull(recoveryCodes.revokedAt));
}
