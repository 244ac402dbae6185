import { and, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { people } from "@/db/schema/people";
import { deadlineReminders } from "@/db/schema/sessions";
import { mailTo } from "@/lib/notices/outbox";
import { environment } from "@/lib/platform/env";

/**
 * So many days before the deadline a mail goes out; the nearest that has come alone, where a deadline was short. On the
 * day itself only to those whom no other told: a policy without days of grace stops people at once.
 */
const distances = [0, 1, 7];
/** In one turn; the rest waits for the next one, a minute later. */
const mostAtOnce = 200;

/**
 * Tells people by mail that their deadline for a second factor is near: once for each deadline and distance, whichever
 * process comes to it. Returns how many mails were written.
 */
export async function remindOfDeadlines(tx: Tx): Promise<number> {
  let told = 0;
  for (const [index, days] of distances.entries()) {
    const nearer = distances[index - 1] ?? -1;
    for (const person of await readDue(tx, nearer, days)) if (await remind(tx, person, days)) told += 1;
  }
  return told;
}

type Due = { id: string; email: string; by: string };

function readDue(tx: Tx, nearer: number, days: number): Promise<Due[]> {
  // As text: a Date would round the microseconds away, and the next turn would take it for another deadline.
  return tx
    .select({ id: people.id, email: people.email, by: sql<string>`${people.secondFactorBy}::text` })
    .from(people)
    .where(
      and(
        isNull(people.disabledAt),
        sql`${people.secondFactorBy} > now() + make_interval(days => ${nearer})`,
        sql`${people.secondFactorBy} <= now() + make_interval(days => ${days})`,
        sql`not exists (select 1 from ${deadlineReminders} where ${deadlineReminders.personId} = ${people.id}
          and ${deadlineReminders.deadline} = ${people.secondFactorBy} and (${days} = 0 or ${deadlineReminders.daysBefore} = ${days}))`,
      ),
    )
    .limit(mostAtOnce);
}

/** The row decides between two processes: the second one waits for the first one's, and then has nothing to tell. */
async function remind(tx: Tx, { id, email, by }: Due, daysBefore: number): Promise<boolean> {
  const [first] = await tx
    .insert(deadlineReminders)
    .values({ personId: id, deadline: sql`${by}::timestamptz`, daysBefore })
    .onConflictDoNothing()
    .returning({ at: deadlineReminders.deadline });
  if (!first) return false;
  await mailTo(
    tx,
    { personId: id, email },
    {
      kind: "second-factor-due",
      ...(daysBefore === 0 ? stoppedWords() : dueWords(first.at)),
    },
  );
  return true;
}

function stoppedWords() {
  return {
    subject: "Set up your second factor now",
    body: `Your role in Keyturn needs a second factor, and nothing else opens until you have set one up. It takes a minute. Sign in and we take you there: ${new URL("/sign-in", environment().url)}\n`,
  };
}

function dueWords(at: Date) {
  return {
    subject: `Set up your second factor by ${dateWords.format(at)}`,
    body: `Your role in Keyturn needs a second factor. Set one up before ${minuteWords.format(at)} UTC: from then on nothing else opens until it is done. It takes a minute, under Security: ${new URL("/settings/security", environment().url)}\n`,
  };
}

const dateWords = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });
const minuteWords = new Intl.DateTimeFormat("en-GB", {
  dateStyle: "medium",
  timeStyle: "short",
  timeZone: "UTC",
});
