import { and, eq, isNotNull } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { sessions } from "@/db/schema/sessions";
import { deviceFactors } from "@/db/schema/step-up";
import { distrustDevices } from "./trusted-devices";

/**
 * Knows none of a person's devices any more: a thief may have made theirs a known one, and their next sign-in from it
 * must be news, and none is trusted. Its owner's are known again with their next proof.
 */
export async function forgetDevices(tx: Tx, personId: string): Promise<void> {
  await tx
    .update(sessions)
    .set({ deviceHash: null })
    .where(and(eq(sessions.personId, personId), isNotNull(sessions.deviceHash)));
  await distrustDevices(tx, personId);
  await tx.delete(deviceFactors).where(eq(deviceFactors.userId, personId));
}
