import { and, eq, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { attemptLocks, codeAttempts } from "@/db/schema/step-up";

export type Budget = "codes" | "recovery" | "password" | "mail";

/** Free tries before delays begin (threats.md 10). */
export const freeTries = 10;
/** At this many failed codes they are off until a passkey, a recovery code or a reset (NIST SP 800-63B-4 § 3.2.2). */
export const hardLimit = 100;
/** What strangers' devices can use up; the rest is kept for devices that this user had proved a factor on. */
export const strangersLimit = 90;
const longestDelaySeconds = 3600;

export type Tries = {
  /** Failures that count for this device, this one not included. */
  failures: number;
  total: number;
  lastFailedAt: Date | null;
  knownDevice: boolean;
  now: Date;
};

export type AttemptDecision =
  | { allowed: true; left: number }
  | { allowed: false; retryAfterSeconds: number | null };

/** Whether one more guess is allowed. null seconds: codes are off for this device. Pure. */
export function decideAttempt(tries: Tries): AttemptDecision {
  const limit = tries.knownDevice ? hardLimit : strangersLimit;
  if (tries.total >= limit) return { allowed: false, retryAfterSeconds: null };
  const waitSeconds = delaySeconds(tries.failures);
  const sinceSeconds = tries.lastFailedAt
    ? (tries.now.getTime() - tries.lastFailedAt.getTime()) / 1000
    : Number.POSITIVE_INFINITY;
  // A clock that went back, or a time that cannot be read, must not end the wait.
  if (waitSeconds > 0 && !(sinceSeconds >= waitSeconds)) {
    return { allowed: false, retryAfterSeconds: Math.ceil(waitSeconds - Math.max(0, sinceSeconds || 0)) };
  }
  return { allowed: true, left: Math.max(0, freeTries - tries.failures - 1) };
}

/** 0 for the first ten failures, then 30 s, doubling up to an hour. */
export function delaySeconds(failures: number): number {
  if (failures < freeTries) return 0;
  return Math.min(30 * 2 ** Math.min(failures - freeTries, 20), longestDelaySeconds);
}

export type Guesser = { userId: string; sessionId: string; knownDevice: boolean; now: Date };

/**
 * Counts a try before it is compared, so that parallel tries cannot exceed the budget: they queue at the user's
 * row in attempt_locks until this transaction ends. The caller commits even when the answer is wrong
 * (threats.md 9), and calls `forgiveAttempts` when it is right.
 */
export async function countAttempt(tx: Tx, who: Guesser, budget: Budget): Promise<AttemptDecision> {
  await takeTurn(tx, who.userId);
  const decision = decideAttempt(await readTries(tx, who, budget));
  if (!decision.allowed) return decision;
  await tx
    .insert(codeAttempts)
    .values({ ...row(who, budget), knownDevice: who.knownDevice, failures: 1, lastFailedAt: sql`now()` })
    .onConflictDoUpdate({
      target: [codeAttempts.userId, codeAttempts.budget, codeAttempts.sessionId],
      set: { failures: sql`${codeAttempts.failures} + 1`, lastFailedAt: sql`now()` },
    });
  return decision;
}

/** Until this transaction ends, whatever else takes its turn for this user waits, and then sees what it wrote. */
export async function takeTurn(tx: Tx, userId: string): Promise<void> {
  await tx
    .insert(attemptLocks)
    .values({ userId })
    .onConflictDoUpdate({ target: attemptLocks.userId, set: { userId } });
}

async function readTries(tx: Tx, who: Guesser, budget: Budget): Promise<Tries> {
  const known = sql`${codeAttempts.knownDevice}`;
  // A stranger's failures neither slow nor stop the owner's own devices; the owner's count for everybody.
  const counted = who.knownDevice ? sql`filter (where ${known})` : sql``;
  const [sums] = await tx
    .select({
      total: sql<number>`coalesce(sum(${codeAttempts.failures}), 0)::int`,
      failures: sql<number>`coalesce(sum(${codeAttempts.failures}) ${counted}, 0)::int`,
      lastFailedAt: sql<string | null>`(max(${codeAttempts.lastFailedAt}) ${counted})::text`,
    })
    .from(codeAttempts)
    .where(and(eq(codeAttempts.userId, who.userId), eq(codeAttempts.budget, budget)));
  return {
    failures: sums?.failures ?? 0,
    total: sums?.total ?? 0,
    lastFailedAt: sums?.lastFailedAt ? new Date(sums.lastFailedAt) : null,
    knownDevice: who.knownDevice,
    now: who.now,
  };
}

/** A success gives back what its own session used up, and nothing that others did. */
export async function forgiveAttempts(tx: Tx, who: Guesser, budget: Budget): Promise<void> {
  const { userId, sessionId } = who;
  await tx
    .delete(codeAttempts)
    .where(
      and(
        eq(codeAttempts.userId, userId),
        eq(codeAttempts.budget, budget),
        eq(codeAttempts.sessionId, sessionId),
      ),
    );
}

/** Gives back a whole budget: what was guessed at is another secret now. */
export async function forgetAttempts(tx: Tx, userId: string, budget: Budget): Promise<void> {
  await tx.delete(codeAttempts).where(and(eq(codeAttempts.userId, userId), eq(codeAttempts.budget, budget)));
}

/**
 * A passkey or a recovery code turns codes on again where they were off, those that verify an address or number (`mail`)
 * too; so does a reset (threats.md 10). Short of that it resets nothing.
 */
export async function restoreCodes(
  tx: Tx,
  userId: string,
  budgets: Extract<Budget, "codes" | "mail">[] = ["codes", "mail"],
): Promise<void> {
  for (const budget of budgets) await restoreBudget(tx, userId, budget);
}

async function restoreBudget(tx: Tx, userId: string, budget: Budget): Promise<void> {
  const ofUser = and(eq(codeAttempts.userId, userId), eq(codeAttempts.budget, budget));
  const total = tx
    .select({ total: sql`sum(${codeAttempts.failures})` })
    .from(codeAttempts)
    .where(ofUser);
  await tx.delete(codeAttempts).where(and(ofUser, sql`(${total}) >= ${strangersLimit}`));
}

function row(who: Guesser, budget: Budget) {
  return { userId: who.userId, sessionId: who.sessionId, budget };
}
