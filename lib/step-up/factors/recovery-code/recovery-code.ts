import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Reader, Tx } from "@/db/client";
import { recoveryCodes } from "@/db/schema/step-up";
import { dummyHash, verifySecret } from "@/lib/platform/password-hash";
import { type ChallengeFacts, defineFactor, type Factor, type Subject, type Verdict } from "../factor";
import { lookupOf, normaliseRecoveryCode } from "./codes";

/** How many codes are left. */
export type RecoveryOptions = { left: number };

const answer = z.strictObject({ code: z.string().max(128) });

/**
 * One of the ten codes that were handed out at activation; each works once, and what it pays for is the requirement's
 * to say (threats.md 11). An answer is `{ code }`.
 */
export function createRecoveryCodeFactor(): Factor {
  return defineFactor({
    name: "recovery-code",
    budget: "recovery",
    answer,
    async prepare(read: Reader, subject: Subject): Promise<RecoveryOptions | null> {
      const left = await read.$count(
        recoveryCodes,
        and(current(subject.userId), isNull(recoveryCodes.usedAt)),
      );
      return left > 0 ? { left } : null;
    },
    /** The stored hash is not accepted as a code: it has another shape, and is compared by argon2id only. */
    async verify(tx: Tx, subject: Subject, _challenge: ChallengeFacts, { code: typed }): Promise<Verdict> {
      const code = normaliseRecoveryCode(typed);
      if (code === null) return { accepted: false, reason: "malformed" };
      const candidate = await readCandidate(tx, subject.userId, lookupOf(code));
      const matches = await verifySecret(candidate?.hash ?? dummyHash(), code);
      if (!candidate || !matches) return { accepted: false, reason: "wrong" };
      const isSpent = await spend(tx, subject.userId, candidate.id);
      return isSpent ? { accepted: true, authenticatorId: null } : { accepted: false, reason: "used" };
    },
  });
}

/** At most one hash is compared; a used code is found, too, so that its owner is told so. */
async function readCandidate(tx: Tx, userId: string, lookup: string) {
  const [candidate] = await tx
    .select({ id: recoveryCodes.id, hash: recoveryCodes.hash })
    .from(recoveryCodes)
    .where(and(current(userId), eq(recoveryCodes.lookup, lookup)))
    .orderBy(sql`${recoveryCodes.usedAt} desc nulls first`)
    .limit(1);
  return candidate;
}

/** True once for a code, in any number of parallel calls. */
async function spend(tx: Tx, userId: string, id: string): Promise<boolean> {
  const spent = await tx
    .update(recoveryCodes)
    .set({ usedAt: sql`now()` })
    .where(and(current(userId), eq(recoveryCodes.id, id), isNull(recoveryCodes.usedAt)))
    .returning({ id: recoveryCodes.id });
  return spent.length === 1;
}

/** This user's, and not replaced by a newer set. */
function current(userId: string) {
  return and(eq(recoveryCodes.userId, userId), isNull(recoveryCodes.revokedAt));
}
