import { and, eq, isNull, ne, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { sessions } from "@/db/schema/sessions";
import { distrustDevices } from "./trusted-devices";

type Which = {
  /** All but this one: the session in which it is done. */
  keep?: string;
  /** This one alone. */
  only?: string;
};

/**
 * Ends a person's sessions, wherever they are (ASVS v5.0.0-7.4.2, 7.4.3, 7.5.2): all of them where nothing else is
 * said. But where the person just tidies up, no device is trusted any more. Returns how many there were.
 */
export async function endAllSessions(
  tx: Tx,
  personId: string,
  because: "revoked" | "password-changed" | "not-me" | "factors-reset" | "role-changed" | "disabled",
  { keep, only }: Which = {},
): Promise<number> {
  const ended = await tx
    .update(sessions)
    .set({ endedAt: sql`now()`, endedBecause: because })
    .where(
      and(
        eq(sessions.personId, personId),
        isNull(sessions.endedAt),
        keep === undefined ? undefined : ne(sessions.id, keep),
        only === undefined ? undefined : eq(sessions.id, only),
      ),
    )
    .returning({ id: sessions.id });
  if (because !== "revoked") await distrustDevices(tx, personId);
  return ended.length;
}
