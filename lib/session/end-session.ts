import { and, eq, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { sessions } from "@/db/schema/sessions";

/** Ends one session: its cookie is worth nothing from the next request on (ASVS v5.0.0-7.4.1). */
export async function endSession(
  tx: Tx,
  sessionId: string,
  because: "signed-out" | "revoked",
): Promise<void> {
  await tx
    .update(sessions)
    .set({ endedAt: sql`now()`, endedBecause: because })
    .where(and(eq(sessions.id, sessionId), isNull(sessions.endedAt)));
}

/** "Lock now": older evidence, grants and challenges of this session are void. */
export async function lockSession(tx: Tx, sessionId: string): Promise<void> {
  await tx
    .update(sessions)
    .set({ lockEpoch: sql`${sessions.lockEpoch} + 1` })
    .where(eq(sessions.id, sessionId));
}
