import { and, eq, gt, isNotNull, isNull, type SQL, sql } from "drizzle-orm";
import type { Reader, Tx } from "@/db/client";
import { sessions, trustedDevices } from "@/db/schema/sessions";
import { deviceFactors } from "@/db/schema/step-up";

/** So long a choice of the person's stands, and a proof makes a device known to sign-in. */
export const trustDays = 30;

type OnDevice = { personId: string; deviceHash: string };

/** Sign-in on this device asks this person for no second factor for a while. It stands in for nothing else. */
export async function trustDevice(tx: Tx, device: OnDevice & { userAgent: string }): Promise<void> {
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

/**
 * Gives a person's device another hash, whose cookie only the browser of the proof is about to get: a copy of the old
 * one, taken at a shared desk, is a stranger's from here on. Other people's word on the old one stays theirs.
 */
export async function renameDevice(
  tx: Tx,
  { personId, deviceHash, sessionId }: OnDevice & { sessionId: string },
  renamed: string,
): Promise<void> {
  await tx.update(sessions).set({ deviceHash: renamed }).where(eq(sessions.id, sessionId));
  // Those that began there before would make a copy of the old cookie a device that nobody has to be told of.
  await tx
    .update(sessions)
    .set({ deviceHash: null })
    .where(and(eq(sessions.personId, personId), eq(sessions.deviceHash, deviceHash)));
  await tx
    .update(trustedDevices)
    .set({ revokedAt: sql`now()` })
    .where(
      and(
        eq(trustedDevices.personId, personId),
        eq(trustedDevices.deviceHash, deviceHash),
        isNull(trustedDevices.revokedAt),
      ),
    );
  await tx
    .update(deviceFactors)
    .set({ deviceHash: renamed, firstSeenAt: sql`now()` })
    .where(and(eq(deviceFactors.userId, personId), eq(deviceFactors.deviceHash, deviceHash)));
}

/**
 * Takes the rows of all of a person's sessions at once, as those do who lock or end them all: two who took them one by
 * one would wait for each other.
 */
export async function holdSessions(tx: Tx, personId: string): Promise<void> {
  await tx.select({ id: sessions.id }).from(sessions).where(eq(sessions.personId, personId)).for("update");
}

/** What sign-in knows of this person on this device. Another person's word on it counts for them alone. */
export async function readStanding(
  tx: Tx,
  { personId, deviceHash }: OnDevice,
): Promise<{ trusted: boolean; known: boolean }> {
  const [row] = await tx
    .select({
      trusted: sql<boolean>`exists (select 1 from ${trustedDevices} where ${trustedDevices.personId} = ${personId}
        and ${trustedDevices.deviceHash} = ${deviceHash} and ${isTrusting()})`,
      known: sql<boolean>`exists (select 1 from ${deviceFactors} where ${deviceFactors.userId} = ${personId}
        and ${deviceFactors.deviceHash} = ${deviceHash} and ${isKnown()})`,
    })
    .from(sql`(values (1)) as one(x)`);
  return { trusted: row?.trusted === true, known: row?.known === true };
}

/** SQL of a row of `trusted_devices`: its trust lasts. */
export function isTrusting(): SQL | undefined {
  return and(isNull(trustedDevices.revokedAt), gt(trustedDevices.expiresAt, sql`now()`));
}

/** SQL of a row of `device_factors`: its person proved a passkey or an app there lately. */
export function isKnown(): SQL {
  return gt(deviceFactors.provedAt, sql.raw(`now() - interval '${trustDays} days'`));
}

/**
 * Takes a person's trust in their devices back, in all of them or in one row's; a device where they confirmed is known
 * no more either. Where sessions are locked or ended in the same transaction, that comes first: a trust that is being
 * given at that moment waits for them, or is found here. Returns how many devices there were.
 */
export async function distrustDevices(tx: Tx, personId: string, only?: string): Promise<number> {
  const one = only === undefined ? null : await hashOf(tx, personId, only);
  const trusted = await tx
    .update(trustedDevices)
    .set({ revokedAt: sql`now()` })
    .where(
      and(
        eq(trustedDevices.personId, personId),
        isNull(trustedDevices.revokedAt),
        only === undefined ? undefined : eq(trustedDevices.deviceHash, one ?? ""),
      ),
    )
    .returning({ hash: trustedDevices.deviceHash });
  const known = await tx
    .update(deviceFactors)
    .set({ provedAt: null })
    .where(
      and(
        eq(deviceFactors.userId, personId),
        isNotNull(deviceFactors.provedAt),
        only === undefined ? undefined : eq(deviceFactors.deviceHash, one ?? ""),
      ),
    )
    .returning({ hash: deviceFactors.deviceHash });
  return new Set([...trusted, ...known].map(({ hash }) => hash)).size;
}

/** The device of a row that the person's security page lists, trusted or known; null: no row of theirs. */
export async function hashOf(tx: Reader, personId: string, id: string): Promise<string | null> {
  const [trusted] = await tx
    .select({ hash: trustedDevices.deviceHash })
    .from(trustedDevices)
    .where(and(eq(trustedDevices.id, id), eq(trustedDevices.personId, personId)));
  const [known] = await tx
    .select({ hash: deviceFactors.deviceHash })
    .from(deviceFactors)
    .where(and(eq(deviceFactors.id, id), eq(deviceFactors.userId, personId)));
  return trusted?.hash ?? known?.hash ?? null;
}
