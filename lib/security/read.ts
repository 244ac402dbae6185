import { and, asc, desc, eq, gt, isNull, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { emailChanges } from "@/db/schema/links";
import { people } from "@/db/schema/people";
import { sessions, trustedDevices } from "@/db/schema/sessions";
import { authenticators, deviceFactors, passkeys } from "@/db/schema/step-up";
import { readPolicy } from "@/lib/policy/versions";
import { idleSeconds } from "@/lib/session/limits";
import { isKnown, isTrusting, trustDays } from "@/lib/session/trusted-devices";
import type { EnrolledFactor } from "@/lib/step-up/facts";
import { deviceName } from "./device-name";

export type OwnAuthenticator = {
  id: string;
  factor: EnrolledFactor;
  name: string;
  createdAt: Date;
  lastUsedAt: Date | null;
  probationUntil: Date | null;
  /** Its owner said that adding it wasn't them: it confirms nothing. */
  suspendedAt: Date | null;
  /** A mailed reset made it void, until something else has been proved (threats.md 20a). */
  voidSince: Date | null;
  /** Passkeys only: copied to the provider's other devices, or bound to this one. */
  synced: boolean | null;
};

/** A person's own authenticators, for their security page. No seed and no key leaves the database here. */
export async function readOwnAuthenticators(read: Reader, userId: string): Promise<OwnAuthenticator[]> {
  return read
    .select({
      id: authenticators.id,
      factor: authenticators.factor,
      name: authenticators.name,
      createdAt: authenticators.createdAt,
      lastUsedAt: authenticators.lastUsedAt,
      probationUntil: authenticators.probationUntil,
      suspendedAt: authenticators.suspendedAt,
      voidSince: authenticators.voidSince,
      synced: passkeys.backedUp,
    })
    .from(authenticators)
    .leftJoin(passkeys, eq(passkeys.authenticatorId, authenticators.id))
    .where(and(eq(authenticators.userId, userId), isNull(authenticators.removedAt)))
    .orderBy(asc(authenticators.createdAt));
}

export type OwnSession = {
  id: string;
  device: string;
  address: string;
  createdAt: Date;
  lastSeenAt: Date;
  /** Its sign-in still waits for the second factor: it opens nothing. */
  isHeld: boolean;
};

/** A person's living sessions, the one used last first (ASVS v5.0.0-7.5.2). */
export async function readOwnSessions(read: Reader, userId: string): Promise<OwnSession[]> {
  const rows = await read
    .select({
      id: sessions.id,
      userAgent: sessions.userAgent,
      address: sessions.address,
      createdAt: sessions.createdAt,
      lastSeenAt: sessions.lastSeenAt,
      isHeld: sql<boolean>`${sessions.awaits} is not null`,
    })
    .from(sessions)
    .where(
      and(
        eq(sessions.personId, userId),
        isNull(sessions.endedAt),
        gt(sessions.expiresAt, sql`now()`),
        gt(sessions.lastSeenAt, sql`now() - make_interval(secs => ${idleSeconds})`),
      ),
    )
    .orderBy(desc(sessions.lastSeenAt));
  return rows.map(({ userAgent, ...session }) => ({ ...session, device: deviceName(userAgent) }));
}

export type OwnTrustedDevice = {
  id: string;
  device: string;
  /** Of a choice: by the person, at a sign-in. Of a device that is only known: their last proof there. */
  since: Date;
  until: Date;
  isChosen: boolean;
  /** The browser that asks. */
  isThisOne: boolean;
};

/**
 * Where sign-in asks this person for no second factor as long as nothing is unusual: what they trust, the newest first,
 * then where they confirmed lately, which counts where the policy in force asks for what is unusual alone.
 */
export async function readOwnTrustedDevices(
  read: Reader,
  userId: string,
  deviceHash: string | null,
): Promise<OwnTrustedDevice[]> {
  const chosen = await read
    .select()
    .from(trustedDevices)
    .where(and(eq(trustedDevices.personId, userId), isTrusting()))
    .orderBy(desc(trustedDevices.createdAt));
  const hashes = chosen.map((one) => one.deviceHash);
  const known = (await readKnown(read, userId)).filter((one) => !hashes.includes(one.deviceHash));
  return [
    ...chosen.map((one) => ({ ...one, since: one.createdAt, until: one.expiresAt, isChosen: true })),
    ...known.map((one) => ({ ...one, isChosen: false })),
  ].map(({ id, userAgent, since, until, isChosen, ...row }) => {
    return {
      id,
      device: deviceName(userAgent),
      since,
      until,
      isChosen,
      isThisOne: row.deviceHash === deviceHash,
    };
  });
}

async function readKnown(read: Reader, userId: string) {
  if ((await readPolicy(read)).document.signIn !== "when-risky") return [];
  return read
    .select({
      id: deviceFactors.id,
      deviceHash: deviceFactors.deviceHash,
      since: sql<Date>`${deviceFactors.provedAt}`.mapWith(deviceFactors.provedAt),
      until: sql<Date>`${deviceFactors.provedAt} + make_interval(days => ${trustDays})`.mapWith(
        deviceFactors.provedAt,
      ),
      userAgent: sql<string>`coalesce((select ${sessions.userAgent} from ${sessions}
        where ${sessions.deviceHash} = "device_factors"."device_hash" and ${sessions.personId} = ${userId}
        order by ${sessions.createdAt} desc limit 1), '')`,
    })
    .from(deviceFactors)
    .where(and(eq(deviceFactors.userId, userId), isKnown()))
    .orderBy(desc(deviceFactors.provedAt));
}

export type PendingEmail = {
  email: string;
  expiresAt: Date;
  confirmedAtOld: boolean;
  confirmedAtNew: boolean;
};

/** Since when the password is the one it is, and the change of address that waits for its confirmations. */
export async function readOwnAccount(
  read: Reader,
  userId: string,
): Promise<{ passwordChangedAt: Date | null; pendingEmail: PendingEmail | null }> {
  const [account] = await read
    .select({ passwordChangedAt: people.passwordChangedAt })
    .from(people)
    .where(eq(people.id, userId));
  const [pending] = await read
    .select({
      email: emailChanges.newEmail,
      expiresAt: emailChanges.expiresAt,
      confirmedAtOld: sql<boolean>`${emailChanges.confirmedAtOld} is not null`,
      confirmedAtNew: sql<boolean>`${emailChanges.confirmedAtNew} is not null`,
    })
    .from(emailChanges)
    .where(
      and(
        eq(emailChanges.personId, userId),
        isNull(emailChanges.completedAt),
        isNull(emailChanges.cancelledAt),
        gt(emailChanges.expiresAt, sql`now()`),
      ),
    )
    .orderBy(desc(emailChanges.createdAt))
    .limit(1);
  return { passwordChangedAt: account?.passwordChangedAt ?? null, pendingEmail: pending ?? null };
}
