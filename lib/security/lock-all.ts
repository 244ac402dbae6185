import { and, eq, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { sessions } from "@/db/schema/sessions";
import { distrustDevices } from "@/lib/session/trusted-devices";

/** A change of factors ends the elevation of every session of the person (design § 5), and their trust in devices. */
export async function lockAllSessions(tx: Tx, personId: string): Promise<void> {
  await tx
    .update(sessions)
    .set({ lockEpoch: sql`${sessions.lockEpoch} + 1` })
    .where(and(eq(sessions.personId, personId), isNull(sessions.endedAt)));
  await distrustDevices(tx, personId);
}
