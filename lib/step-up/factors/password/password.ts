import { z } from "zod";
import type { Reader, Tx } from "@/db/client";
import { dummyHash, verifySecret } from "@/lib/platform/password-hash";
import { type ChallengeFacts, defineFactor, type Factor, type Subject, type Verdict } from "../factor";

const answer = z.strictObject({ password: z.string().max(1024) });

/**
 * The account's password, given once more in the flow. Its hash is the app's, reached through `readHash`; null where
 * the account has none. An answer is `{ password }`. It can be given any number of times: one challenge is answered
 * once, which is the pipeline's to see to.
 */
export function createPasswordFactor(
  readHash: (read: Reader, userId: string) => Promise<string | null>,
): Factor {
  return defineFactor({
    name: "password",
    budget: "password",
    answer,
    async prepare(read: Reader, subject: Subject): Promise<Record<string, never> | null> {
      return (await readHash(read, subject.userId)) === null ? null : {};
    },
    async verify(tx: Tx, subject: Subject, _challenge: ChallengeFacts, { password }): Promise<Verdict> {
      const hash = await readHash(tx, subject.userId);
      const matches = await verifySecret(hash ?? dummyHash(), password);
      return hash !== null && matches
        ? { accepted: true, authenticatorId: null }
        : { accepted: false, reason: "wrong" };
    },
  });
}
