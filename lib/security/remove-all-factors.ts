import { and, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import {
  authenticators,
  codeAttempts,
  codeDestinations,
  recoveryCodes,
  totpSeeds,
} from "@/db/schema/step-up";

/**
 * Takes away all that confirms what a person does: authenticators and recovery codes. Whoever calls ends the sessions,
 * and with them the trust in devices. The rows stay, so that the password alone never binds another one (threats.md 18);
 * seeds, addresses and numbers go. Returns the names of what was removed.
 */
export async function removeAllFactors(tx: Tx, userId: string): Promise<string[]> {
  const removed = await tx
    .update(authenticators)
    .set({ removedAt: sql`now()` })
    .where(and(eq(authenticators.userId, userId), isNull(authenticators.removedAt)))
    .returning({ id: authenticators.id, name: authenticators.name });
  const ids = removed.map(({ id }) => id);
  await tx.delete(totpSeeds).where(inArray(totpSeeds.authenticatorId, ids));
  await tx.delete(codeDestinations).where(inArray(codeDestinations.authenticatorId, ids));
  await tx
    .update(recoveryCodes)
    .set({ revokedAt: sql`now()` })
    .where(
      and(eq(recoveryCodes.userId, userId), isNull(recoveryCodes.usedAt), isNull(recoveryCodes.revokedAt)),
    );
  // Tries were counted against what is gone now.
  await tx.delete(codeAttempts).where(eq(codeAttempts.userId, userId));
  return removed.map(({ name }) => name);
}
