import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { people } from "@/db/schema/people";
import { revokeLinks } from "@/lib/links/links";
import { forgiveFailures } from "@/lib/session/password-failures";

/**
 * The one writer of an account's password: whatever locked it is over, unused reset links and the failures of the old
 * one go (ASVS v5.0.0-6.4.3). Ending sessions is the caller's: who changes their own keeps one. Null where `provided`
 * does not hold of the account (any more); then nothing was written.
 */
export async function setPassword(
  tx: Tx,
  personId: string,
  passwordHash: string,
  provided?: SQL,
): Promise<{ id: string; email: string } | null> {
  const [account] = await tx
    .update(people)
    .set({
      passwordHash,
      passwordChangedAt: sql`now()`,
      passwordLockedAt: null,
      version: sql`${people.version} + 1`,
    })
    .where(and(eq(people.id, personId), provided))
    .returning({ id: people.id, email: people.email });
  if (!account) return null;
  await revokeLinks(tx, "reset-password", account.id);
  await forgiveFailures(tx, account);
  return account;
}
