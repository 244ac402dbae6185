import { and, eq, gt, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { trustedDevices } from "@/db/schema/sessions";

export const trustDays = 30;

type Device = { personId: string; deviceHash: string; userAgent: string };

/** Sign-in on this device asks this person for no second factor for a while. It stands in for nothing else. */
export async function trustDevice(tx: Tx, device: Device): Promise<void> {
  const expiresAt = sql`now() + make_interval(days => ${trustDays})`;
  await tx
    .insert(trustedDevices)
    .values({ ...device, expiresAt })
    .onConflictDoUpdate({
      target: [trustedDevices.personId, trustedDevices.deviceHash],
      targetWhere: isNull(trustedDevices.revokedAt),
      set: { expiresAt, createdAt: sql`now()`, userAgent: device.userAgent },
    });
}

/** Whether this person said so on this device. Another person's word on the same device counts for them alone. */
export async function isTrusted(tx: Tx, personId: string, deviceHash: string): Promise<boolean> {
  const found = await tx
    .select({ id: trustedDevices.id })
    .from(trustedDevices)
    .where(
      and(
        eq(trustedDevices.personId, personId),
        eq(trustedDevices.deviceHash, deviceHash),
        isNull(trustedDevices.revokedAt),
        gt(trustedDevices.expiresAt, sql`now()`),
      ),
    );
  return found.length > 0;
}

/** Takes a person's trust in their devices back, in all of them or one. Returns how many there were. */
export async function distrustDevices(tx: Tx, personId: string, only?: string): Promise<number> {
  const revoked = await tx
    .update(trustedDevices)
    .set({ revokedAt: sql`now()` })
    .where(
      and(
        eq(trustedDevices.personId, personId),
        isNull(trustedDevices.revokedAt),
        only === undefined ? undefined : eq(trustedDevices.id, only),
      ),
    )
    .returning({ id: trustedDevices.id });
  return revoked.length;
}
