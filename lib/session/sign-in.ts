import { and, eq, isNotNull, isNull, sql } from "drizzle-orm";
import type { Database, Tx } from "@/db/client";
import { people } from "@/db/schema/people";
import { passwordAttempts, type SignInRisk, sessions } from "@/db/schema/sessions";
import { deviceFactors } from "@/db/schema/step-up";
import { recordSignIn } from "@/lib/audit/record";
import { warnOfAddress, warnOfFailures, warnOfNewDevice } from "@/lib/notices/suspicious";
import { dummyHash, verifySecret } from "@/lib/platform/password-hash";
import { delaySeconds } from "@/lib/step-up/attempts";
import {
  addressTries,
  countFromAddress,
  type FromAddress,
  networkOf,
  readWait,
  takeBackFromAddress,
} from "./address-limit";
import { unlessBusy } from "./at-once";
import { absoluteSeconds } from "./limits";
import { failuresOf } from "./password-failures";
import type { PresentedCookie } from "./read-session";
import { hashSecretOf, newSecret } from "./secret";
import { readRisks } from "./sign-in-risks";

export type SignInAttempt = {
  email: string;
  password: string;
  /** SHA-256 of the device cookie. */
  deviceHash: string;
  userAgent: string;
  address: string;
  /** The session that this browser has: a new one ends it. */
  presented?: PresentedCookie | null;
};

export type SignInResult =
  | { outcome: "signed-in"; personId: string; cookie: PresentedCookie }
  | { outcome: "refused" }
  | { outcome: "rate-limited"; retryAfterSeconds: number }
  /** Too many sign in at this moment. */
  | { outcome: "busy" };

/**
 * Signs a person in with the password: a new session row and secret. Unknown, disabled and demo-less demo accounts,
 * and those whose owner said "This wasn't me", get the same answer after the same work as a wrong password (ASVS
 * v5.0.0-6.3.8). Failures are counted before the password is compared, per account for strangers' devices and per
 * device for known ones, so that a stranger can neither exceed the budget nor lock the owner out; strangers' devices
 * also by address, over all accounts.
 */
export async function signIn(
  database: Database,
  demo: boolean,
  attempt: SignInAttempt,
): Promise<SignInResult> {
  return (await unlessBusy(() => compareAndSignIn(database, demo, attempt))) ?? { outcome: "busy" };
}

async function compareAndSignIn(
  database: Database,
  demo: boolean,
  attempt: SignInAttempt,
): Promise<SignInResult> {
  // PostgreSQL takes no NUL in text. Nobody's address has one, and it is answered like any other of nobody's.
  const email = attempt.email.replaceAll("\u0000", "\ufffd").trim().toLowerCase();
  const known = await readAccount(database, email, attempt.deviceHash);
  const isKnown = known?.knownDevice === true;
  const bucket = failuresOf(email, isKnown ? attempt.deviceHash : null);
  const counted = await countTry(database, bucket, isKnown ? null : attempt.address);
  if (counted.wait > 0) return { outcome: "rate-limited", retryAfterSeconds: counted.wait };

  const matches = await verifySecret(known?.passwordHash ?? (await dummyHash()), attempt.password);
  const reachable = known && !known.disabledAt && (demo || !known.isDemo) ? known : null;
  const matching = matches && !reachable?.passwordLockedAt ? reachable : null;
  return database.transaction(async (tx) => {
    const account = matching && (await stillHolds(tx, matching)) ? matching : null;
    if (!account) {
      await recordSignIn(tx, {
        outcome: "refused",
        personId: known?.id ?? null,
        sessionId: null,
        address: attempt.address,
      });
      await warnOfFailures(tx, reachable, email, counted.failures);
      return { outcome: "refused" };
    }
    if (!isKnown) await takeBackFromAddress(tx, attempt.address);
    const counts = { own: 1, fromAddress: counted.fromAddress - 1 };
    const { awaits, trusted } = await readRisks(tx, { ...account, ...attempt, email }, counts);
    // Until the second factor is proved, a right password tells nothing of who typed the wrong ones before it.
    if (awaits) await takeBackFailure(tx, bucket);
    else await tx.delete(passwordAttempts).where(eq(passwordAttempts.accountHash, bucket));
    await warnOfNewDevice(tx, { id: account.id, email }, attempt);
    const cookie = await createSession(tx, account.id, attempt, awaits);
    const ended = attempt.presented ? await endPresented(tx, attempt.presented) : null;
    await recordSignIn(tx, {
      outcome: "allowed",
      personId: account.id,
      sessionId: cookie.sessionId,
      address: attempt.address,
      ended,
      awaits,
      trusted,
    });
    return { outcome: "signed-in", personId: account.id, cookie };
  });
}

type Counted = { wait: number; failures: number; fromAddress: number };

/**
 * Counts a try for its account and, from a device that is not known, for its address: only one whose password is going
 * to be compared, else whoever is stuck on one account would shut out all others from there. Each in a transaction of its
 * own: the address may be a whole office's, and none there waits at its row until another one's account is counted.
 */
async function countTry(database: Database, bucket: string, address: string | null): Promise<Counted> {
  const here = address === null ? nothingCounted : await countHere(database, address);
  if (here.wait > 0) return { ...here, fromAddress: here.failures };
  const own = await database.transaction((tx) => countFailure(tx, bucket));
  if (address !== null && own.wait > 0) await database.transaction((tx) => takeBackFromAddress(tx, address));
  else if (address !== null && here.failures === addressTries)
    await database.transaction((tx) => tellOfAddress(tx, address));
  return { ...own, fromAddress: here.failures };
}

const nothingCounted: FromAddress = { wait: 0, failures: 1 };

async function countHere(database: Database, address: string): Promise<FromAddress> {
  const wait = await readWait(database, address);
  if (wait > 0) return { wait, failures: addressTries };
  return database.transaction((tx) => countFromAddress(tx, address));
}

/** The try after which its address has to wait is a row of the log, and news: somebody tries many accounts. */
async function tellOfAddress(tx: Tx, address: string): Promise<void> {
  await recordSignIn(tx, {
    outcome: "refused",
    personId: null,
    sessionId: null,
    address,
    isLimited: true,
  });
  await warnOfAddress(tx, networkOf(address));
}

async function readAccount(database: Database, email: string, deviceHash: string) {
  const [row] = await database
    .select({
      id: people.id,
      passwordHash: people.passwordHash,
      disabledAt: people.disabledAt,
      passwordLockedAt: people.passwordLockedAt,
      isDemo: people.isDemo,
      // In full: drizzle leaves out the table's name here, and device_factors has an id of its own.
      knownDevice: sql<boolean>`exists (select 1 from ${deviceFactors} where ${deviceFactors.userId} = people.id
        and ${deviceFactors.deviceHash} = ${deviceHash} and ${isNotNull(deviceFactors.lastFactor)})`,
    })
    .from(people)
    .where(eq(people.email, email));
  return row;
}

/** A reset or a lock that came while the password was compared has ended all sessions: this must not be one after it. */
async function stillHolds(tx: Tx, known: { id: string; passwordHash: string }): Promise<boolean> {
  const [row] = await tx
    .select({ id: people.id })
    .from(people)
    .where(
      and(
        eq(people.id, known.id),
        eq(people.passwordHash, known.passwordHash),
        isNull(people.passwordLockedAt),
        isNull(people.disabledAt),
      ),
    )
    .for("share");
  return row !== undefined;
}

/** Counts one failure beforehand (a success takes it back), unless there are seconds still to wait. */
async function countFailure(tx: Tx, bucket: string): Promise<{ wait: number; failures: number }> {
  await tx.insert(passwordAttempts).values({ accountHash: bucket }).onConflictDoNothing();
  const [row] = await tx
    .select({
      failures: passwordAttempts.failures,
      sinceSeconds: sql<number | null>`extract(epoch from now() - ${passwordAttempts.lastFailedAt})::float8`,
    })
    .from(passwordAttempts)
    .where(eq(passwordAttempts.accountHash, bucket))
    .for("update");
  const before = row?.failures ?? 0;
  const wait = delaySeconds(before);
  const since = Math.max(0, Number(row?.sinceSeconds ?? Number.POSITIVE_INFINITY));
  if (wait > 0 && since < wait) return { wait: Math.ceil(wait - since), failures: before };
  await tx
    .update(passwordAttempts)
    .set({ failures: sql`${passwordAttempts.failures} + 1`, lastFailedAt: sql`now()` })
    .where(eq(passwordAttempts.accountHash, bucket));
  return { wait: 0, failures: before + 1 };
}

async function takeBackFailure(tx: Tx, bucket: string): Promise<void> {
  await tx
    .update(passwordAttempts)
    .set({ failures: sql`${passwordAttempts.failures} - 1` })
    .where(eq(passwordAttempts.accountHash, bucket));
}

/** A session row and the secret that only its cookie will hold. `awaits`: what it waits for (sign-in-risks.ts). */
export async function createSession(
  tx: Tx,
  personId: string,
  device: Pick<SignInAttempt, "deviceHash" | "userAgent" | "address">,
  awaits: SignInRisk[] | null,
): Promise<PresentedCookie> {
  const secret = newSecret();
  const [row] = await tx
    .insert(sessions)
    .values({
      personId,
      secretHash: hashSecretOf(secret),
      deviceHash: device.deviceHash,
      userAgent: device.userAgent.slice(0, 300),
      address: device.address.slice(0, 64),
      awaits,
      expiresAt: sql`now() + make_interval(secs => ${absoluteSeconds})`,
    })
    .returning({ id: sessions.id });
  if (!row) throw new Error("session was not written");
  return { sessionId: row.id, secret };
}

/**
 * Ends the session that a browser had before this sign-in: two never live behind one cookie (ASVS v5.0.0-7.2.4).
 * Returns its id; null when there was none.
 */
export async function endPresented(tx: Tx, cookie: PresentedCookie): Promise<string | null> {
  const [ended] = await tx
    .update(sessions)
    .set({ endedAt: sql`now()`, endedBecause: "signed-out" })
    .where(
      and(
        eq(sessions.id, cookie.sessionId),
        eq(sessions.secretHash, hashSecretOf(cookie.secret)),
        isNull(sessions.endedAt),
      ),
    )
    .returning({ id: sessions.id });
  return ended?.id ?? null;
}
