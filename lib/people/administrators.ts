import { and, eq, isNull, type SQL, sql } from "drizzle-orm";
import type { Reader, Tx } from "@/db/client";
import { links } from "@/db/schema/links";
import { people } from "@/db/schema/people";
import { authenticators } from "@/db/schema/step-up";
import { working } from "@/lib/links/links";
import { type Mail, mailTo, type Recipient } from "@/lib/notices/outbox";
import { environment } from "@/lib/platform/env";

/** SQL: an account of this installation: demo accounts are dead where demo mode is off (threats.md 31). */
export function isOfThisInstallation(): SQL | undefined {
  return environment().demo ? undefined : eq(people.isDemo, false);
}

/** SQL: one that can sign in here. */
export function isOpenAccount(): SQL | undefined {
  return and(isNull(people.disabledAt), isOfThisInstallation());
}

/**
 * SQL: an open account whose owner did not report it. A locked one counts as an administrator, so that locking one
 * makes nobody the only one; but what is done or was sent in its name counts for nothing.
 */
export function isTrusted(): SQL | undefined {
  return and(isOpenAccount(), isNull(people.passwordLockedAt));
}

/** Everybody who can administer this installation. */
export async function readAdministrators(read: Reader): Promise<(Recipient & { name: string })[]> {
  return read
    .select({ id: people.id, name: people.name, email: people.email })
    .from(people)
    .where(and(eq(people.role, "administrator"), isOpenAccount()));
}

/** Tells every administrator but these, who know or are not to. */
export async function mailAdministrators(tx: Tx, except: string[], mail: Mail): Promise<void> {
  for (const { id, email } of await readAdministrators(tx))
    if (!except.includes(id)) await mailTo(tx, { personId: id, email }, mail);
}

/**
 * Whether an administrator ever had a second factor. From then on administrators invite one another; one who lost
 * everything is recovered, and a second "first" one would be a way round both.
 */
export async function hasEnrolledAdministrator(read: Reader): Promise<boolean> {
  const enrolled = and(eq(people.role, "administrator"), isOpenAccount(), everEnrolled());
  const found = await read.select({ id: people.id }).from(people).where(enrolled).limit(1);
  return found.length > 0;
}

/** Whether the account has or had a second factor. */
export async function hasEverEnrolled(read: Reader, personId: string): Promise<boolean> {
  const found = await read
    .select({ id: authenticators.id })
    .from(authenticators)
    .where(eq(authenticators.userId, personId))
    .limit(1);
  return found.length > 0;
}

/** SQL, for WHERE alone: the account has or had a second factor; removed ones count (threats.md 18). */
export function everEnrolled(): SQL {
  return sql`exists (select 1 from ${authenticators} where ${authenticators.userId} = ${people.id})`;
}

/** For so long nobody counts as alone after another administrator has gone. */
export const aloneAfterDays = 30;

/**
 * Making an administrator takes a second one's approval (threats.md 20), and the second one can only come from the
 * first. So the one who is alone may make one more; open invitations count, and so do those who stopped lately: else
 * one who turned out all others could fill their places (docs/decisions/018). One statement sees all of one moment.
 */
export async function hasRoomForAdministrator(read: Reader, besidesInvitation?: string): Promise<boolean> {
  const [count] = await read
    .select({
      accounts: sql<number>`(select count(*)::int from ${people} where ${people.role} = 'administrator' and ${isOpenAccount()})`,
      invited: sql<number>`(select count(*)::int from ${links} where ${links.purpose} = 'invitation'
        and ${links.data}->>'role' = 'administrator' and ${working()}
        and ${besidesInvitation ? sql`${links.id} <> ${besidesInvitation}` : sql`true`})`,
      gone: sql<number>`(select count(*)::int from ${people} where ${stoppedLately()})`,
    })
    .from(sql`(values (1)) as one(x)`);
  return count !== undefined && count.accounts + count.invited < 2 && count.gone === 0;
}

/** SQL: was an administrator a short time ago. */
function stoppedLately(): SQL {
  const since = sql.raw(`now() - interval '${aloneAfterDays} days'`);
  const real = environment().demo ? sql`true` : sql`not ${people.isDemo}`;
  return sql`${real} and (${people.administeredUntil} > ${since}
    or (${people.role} = 'administrator' and ${people.disabledAt} > ${since}))`;
}
