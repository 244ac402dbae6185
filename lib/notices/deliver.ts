import { and, asc, eq, getTableColumns, gt, isNotNull, isNull, lt, lte, or, sql } from "drizzle-orm";
import type { Database } from "@/db/client";
import { outbox } from "@/db/schema/outbox";
import { logFailure } from "@/lib/platform/log";
import { type Courier, type Letter, Undelivered } from "./courier";
import { bodyOf } from "./outbox";
import { patienceDays } from "./state";
import { textMessageOf } from "./text-message";

export type Delivery = {
  database: Database;
  /** Mails and text messages go their own ways: a gateway that hangs holds up no mail. */
  channel: "mail" | "sms";
  courier: Courier;
  /** Demo mode shows the outbox in place of a mailbox: texts stay. */
  keepsBodies: boolean;
};

/** How long a mail is another process's business once that one has taken it. Longer than any sending takes. */
const leaseMinutes = 5;
/** Sent side by side: few connections, and well within a lease. */
export const batchSize = 5;
const delays = { first: 30, longest: 3600 };
const codeDelays = { first: 5, longest: 60 };
/** Each try of a text message may cost one, and be read: whoever waits sends another when these have failed. */
const mostTexts = 3;

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
  const due = await takeDue(delivery);
  const sent = await Promise.all(due.map((row) => deliverOne(delivery, row)));
  return { taken: due.length, sent: sent.filter(Boolean).length };
}

export type Taken = Awaited<ReturnType<typeof takeDue>>[number];

/** Takes up to so many of what is due, the longest due first. */
export async function takeDue({ database, channel }: Delivery, most = batchSize) {
  const due = database
    .select({ id: outbox.id })
    .from(outbox)
    .where(
      and(
        eq(outbox.channel, channel),
        isNull(outbox.sentAt),
        isNotNull(outbox.sealedBody),
        // A code that has ended is worth nothing: it is not sent after its time.
        or(isNull(outbox.expiresAt), gt(outbox.expiresAt, sql`now()`)),
        lte(outbox.nextAttemptAt, sql`now()`),
        gt(outbox.createdAt, lastMoment()),
        channel === "sms" ? lt(outbox.attempts, mostTexts) : undefined,
      ),
    )
    .orderBy(asc(outbox.nextAttemptAt))
    .limit(most)
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
      .returning({
        ...getTableColumns(outbox),
        secondsLeft: sql<number | null>`extract(epoch from ${outbox.expiresAt} - now())::float8`,
      })
  );
}

/** Sends one that was taken, and notes what came of it: whether it got out. */
export async function deliverOne({ database, courier, keepsBodies }: Delivery, row: Taken): Promise<boolean> {
  let gatewayId: string | null;
  try {
    gatewayId = await courier.deliver(letterOf(row));
  } catch (error) {
    await putOff(database, row, error, keepsBodies);
    return false;
  }
  // What has an id is asked after; its next time is the first question's.
  const followed = gatewayId
    ? { gatewayId, delivery: "accepted" as const, nextAttemptAt: firstQuestion }
    : {};
  await database
    .update(outbox)
    .set({ sentAt: sql`now()`, lastError: null, ...followed, ...(keepsBodies ? {} : { sealedBody: null }) })
    .where(eq(outbox.id, row.id));
  return true;
}

const firstQuestion = sql`now() + interval '2 seconds'`;

function letterOf(row: Taken): Letter {
  const { id, recipient, subject, createdAt, secondsLeft } = row;
  const common = { id, subject, createdAt, secondsLeft };
  if (row.channel === "mail") return { ...common, recipient, body: bodyOf(row) ?? "" };
  const { number, text } = textMessageOf(row) ?? { number: "", text: "" };
  return { ...common, recipient: number, body: text };
}

async function putOff(database: Database, row: Taken, error: unknown, keepsBodies: boolean): Promise<void> {
  const fault = error instanceof Undelivered ? error : new Undelivered("cannot be read", false);
  const lastError = fault.message;
  // What may have got out goes once more at most: each time may be another message.
  const attempts =
    row.channel === "sms" && fault.perhapsSent ? Math.max(row.attempts, mostTexts - 1) : row.attempts;
  const over = fault.permanent || (row.channel === "sms" && row.attempts >= mostTexts);
  const changes = over ? givenUp(keepsBodies) : { attempts, nextAttemptAt: nextTry(row) };
  await database
    .update(outbox)
    .set({ lastError, ...changes })
    .where(and(eq(outbox.id, row.id), isNull(outbox.sentAt), eq(outbox.attempts, row.attempts)));
  logFailure(row.id, `${row.channel}.deliver`, fault);
}

/** A given-up mail's next try lies where there is none any more: past the patience with it. */
function givenUp(keepsBodies: boolean) {
  return {
    nextAttemptAt: sql`${outbox.createdAt} + make_interval(days => ${patienceDays})`,
    delivery: "failed" as const,
    ...(keepsBodies ? {} : { sealedBody: null }),
  };
}

function nextTry({ attempts, expiresAt }: Taken) {
  const seconds = delaySeconds(attempts, Math.random(), expiresAt ? codeDelays : delays);
  return sql`now() + make_interval(secs => ${seconds})`;
}

/**
 * 30 s after the first try, then twice as long each time, up to an hour; somebody waits for a code, which begins at
 * 5 s. A quarter more or less, against stampedes.
 */
export function delaySeconds(attempts: number, chance: number, { first, longest } = delays): number {
  return Math.min(first * 2 ** Math.min(attempts - 1, 20), longest) * (0.75 + chance / 2);
}

/** The texts of what was given up, and codes that have ended, are of no use to anybody but a thief. */
export async function forgetGivenUp({ database, channel, keepsBodies }: Delivery): Promise<void> {
  if (keepsBodies) return;
  await database
    .update(outbox)
    .set({ sealedBody: null })
    .where(
      and(
        eq(outbox.channel, channel),
        isNull(outbox.sentAt),
        isNotNull(outbox.sealedBody),
        or(lt(outbox.createdAt, lastMoment()), lt(outbox.expiresAt, sql`now()`)),
      ),
    );
}

/** What was written before is given up. */
function lastMoment() {
  return sql`now() - make_interval(days => ${patienceDays})`;
}
