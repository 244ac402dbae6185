import { and, asc, eq, gt, isNotNull, isNull, lt, lte, sql } from "drizzle-orm";
import type { Database } from "@/db/client";
import { outbox } from "@/db/schema/outbox";
import { logFailure } from "@/lib/platform/log";
import { repeat } from "@/lib/platform/repeat";
import { bodyOf } from "./outbox";
import { type Courier, Undelivered } from "./smtp";
import { patienceDays } from "./state";

export type Delivery = {
  database: Database;
  courier: Courier;
  /** Demo mode shows the outbox in place of a mailbox: texts stay. */
  keepsBodies: boolean;
};

/** How long a mail is another process's business once that one has taken it. Longer than any sending takes. */
const leaseMinutes = 5;
/** Sent side by side: few connections, and well within a lease. */
const batchSize = 5;
const firstDelaySeconds = 30;
const longestDelaySeconds = 3600;

export type Round = {
  /** Mails that were taken up. */
  taken: number;
  sent: number;
};

/**
 * Takes up what is due and sends it. No transaction is held while the mail server talks: a mail is taken by a lease,
 * which another process respects, and which runs out when this one dies before it has noted the sending. So every
 * mail goes out at least once, and twice only after a crash in that moment.
 */
export async function deliverDue(delivery: Delivery): Promise<Round> {
  const due = await takeDue(delivery.database);
  const sent = await Promise.all(due.map((row) => deliverOne(delivery, row)));
  return { taken: due.length, sent: sent.filter(Boolean).length };
}

type Taken = Awaited<ReturnType<typeof takeDue>>[number];

async function takeDue(database: Database) {
  const due = database
    .select({ id: outbox.id })
    .from(outbox)
    .where(
      and(
        isNull(outbox.sentAt),
        isNotNull(outbox.sealedBody),
        lte(outbox.nextAttemptAt, sql`now()`),
        gt(outbox.createdAt, lastMoment()),
      ),
    )
    .orderBy(asc(outbox.nextAttemptAt))
    .limit(batchSize)
    .for("update", { skipLocked: true });
  return (
    database
      .update(outbox)
      .set({
        attempts: sql`${outbox.attempts} + 1`,
        nextAttemptAt: sql`now() + make_interval(mins => ${leaseMinutes})`,
      })
      // An array is made once; a plain subquery may be run again for every row, and lock more.
      .where(sql`${outbox.id} = any(array(${due}))`)
      .returning()
  );
}

async function deliverOne({ database, courier, keepsBodies }: Delivery, row: Taken): Promise<boolean> {
  try {
    const { id, recipient, subject, createdAt } = row;
    await courier.deliver({ id, recipient, subject, createdAt, body: bodyOf(row) ?? "" });
  } catch (error) {
    await putOff(database, row, error, keepsBodies);
    return false;
  }
  await database
    .update(outbox)
    .set({ sentAt: sql`now()`, lastError: null, ...(keepsBodies ? {} : { sealedBody: null }) })
    .where(eq(outbox.id, row.id));
  return true;
}

/** A given-up mail's next try lies where there is none any more: past the patience with it. */
async function putOff(database: Database, row: Taken, error: unknown, keepsBodies: boolean): Promise<void> {
  const permanent = error instanceof Undelivered && error.permanent;
  const lastError = error instanceof Undelivered ? error.message : "cannot be read";
  const changes = permanent
    ? {
        nextAttemptAt: sql`${outbox.createdAt} + make_interval(days => ${patienceDays})`,
        ...(keepsBodies ? {} : { sealedBody: null }),
      }
    : { nextAttemptAt: sql`now() + make_interval(secs => ${delaySeconds(row.attempts, Math.random())})` };
  await database
    .update(outbox)
    .set({ lastError, ...changes })
    .where(and(eq(outbox.id, row.id), isNull(outbox.sentAt), eq(outbox.attempts, row.attempts)));
  logFailure(
    row.id,
    "mail.deliver",
    error instanceof Undelivered ? error : new Undelivered(lastError, false),
  );
}

/** 30 s after the first try, then twice as long each time, up to an hour; a quarter more or less, against stampedes. */
export function delaySeconds(attempts: number, chance: number): number {
  const doubled = firstDelaySeconds * 2 ** Math.min(attempts - 1, 20);
  return Math.min(doubled, longestDelaySeconds) * (0.75 + chance / 2);
}

/** The texts of mails that were given up are of no use to anybody but a thief. */
export async function forgetGivenUp({ database, keepsBodies }: Delivery): Promise<void> {
  if (keepsBodies) return;
  await database
    .update(outbox)
    .set({ sealedBody: null })
    .where(and(isNull(outbox.sentAt), isNotNull(outbox.sealedBody), lt(outbox.createdAt, lastMoment())));
}

/** What was written before is given up. */
function lastMoment() {
  return sql`now() - make_interval(days => ${patienceDays})`;
}

const pollMilliseconds = 1_000;
const longestPauseMilliseconds = 30_000;
const sweepMilliseconds = 60 * 60 * 1_000;

/**
 * Delivers until it is stopped. Whatever happens, the loop lives on: while the database or the mail server is away it
 * asks less and less often. Returns the end, which waits for what is on its way.
 */
export function startDelivery(delivery: Delivery): () => Promise<void> {
  const end = repeat(turnsOf(delivery));
  return async () => {
    await end();
    delivery.courier.close();
  };
}

function turnsOf(delivery: Delivery): () => Promise<number> {
  let fruitless = 0;
  let sweptAt = Number.NEGATIVE_INFINITY;
  return async () => {
    try {
      if (performance.now() - sweptAt > sweepMilliseconds) {
        await forgetGivenUp(delivery);
        sweptAt = performance.now();
      }
      const { taken, sent } = await deliverDue(delivery);
      fruitless = taken > 0 && sent === 0 ? fruitless + 1 : 0;
      if (sent > 0) return 0;
    } catch (error) {
      if (fruitless === 0) logFailure("outbox", "mail.deliver", error);
      fruitless += 1;
    }
    return Math.min(pollMilliseconds * 2 ** Math.min(fruitless, 10), longestPauseMilliseconds);
  };
}
