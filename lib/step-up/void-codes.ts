import { and, eq, isNotNull, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { authenticators } from "@/db/schema/step-up";
import type { FactorName } from "./facts";

/**
 * After a password reset by mail, the mailbox alone would be both the password and the second factor: codes by mail
 * confirm nothing until something else has been proved (threats.md 20a).
 */
export async function voidMailCodes(tx: Tx, userId: string): Promise<void> {
  await tx
    .update(authenticators)
    .set({ voidSince: sql`now()` })
    .where(
      and(
        eq(authenticators.userId, userId),
        eq(authenticators.factor, "email-code"),
        isNull(authenticators.removedAt),
      ),
    );
}

/** What a thief of the mailbox doesn't have was proved: the owner is back. */
export async function restoreMailCodes(tx: Tx, userId: string, proved: FactorName): Promise<void> {
  if (proved === "password" || proved === "email-code") return;
  await tx
    .update(authenticators)
    .set({ voidSince: null })
    .where(and(eq(authenticators.userId, userId), isNotNull(authenticators.voidSince)));
}
