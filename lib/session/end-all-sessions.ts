import { and, eq, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { sessions } from "@/db/schema/sessions";

/** Ends every session of a person, wherever it is (ASVS v5.0.0-7.4.2, 7.4.3); returns how many there were. */
export async function endAllSessions(
  tx: Tx,
  personId: string,
  because: "password-changed" | "not-me",
): Promise<number> {
  const ended = await tx
    .update(sessions)
    .set({ endedAt: sql`now()`, endedBecause: because })
    .where(and(eq(sessions.personId, personId), isNull(sessions.endedAt)))
    .returning({ id: sessions.id });
  return ended.length;
}
