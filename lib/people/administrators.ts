import { and, eq, isNull, type SQL, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { links } from "@/db/schema/links";
import { people } from "@/db/schema/people";
import { authenticators } from "@/db/schema/step-up";
import { working } from "@/lib/links/links";
import type { Recipient } from "@/lib/notices/outbox";
import { environment } from "@/lib/platform/env";
import { Invalid } from "@/lib/step-up/refusal";

/** SQL: an account that can sign in here. Demo accounts are dead where demo mode is off (threats.md 31). */
export function isOpenAccount(): SQL | undefined {
  return and(isNull(people.disabledAt), environment().demo ? undefined : eq(people.isDemo, false));
}

/** Everybody who can administer this installation. */
export async function readAdministrators(read: Reader): Promise<Recipient[]> {
  return read
    .select({ id: people.id, email: people.email })
    .from(people)
    .where(and(eq(people.role, "administrator"), isOpenAccount()));
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

/**
 * Making an administrator takes a second one's approval (threats.md 20), and the second one can only come from the
 * first. So the one who is alone may invite one more; open invitations count. One statement sees accounts and
 * invitations of the same moment.
 */
export async function hasRoomForAdministrator(read: Reader, besidesInvitation?: string): Promise<boolean> {
  const [count] = await read
    .select({
      accounts: sql<number>`(select count(*)::int from ${people} where ${people.role} = 'administrator' and ${isOpenAccount()})`,
      invited: sql<number>`(select count(*)::int from ${links} where ${links.purpose} = 'invitation'
        and ${links.data}->>'role' = 'administrator' and ${working()}
        and ${besidesInvitation ? sql`${links.id} <> ${besidesInvitation}` : sql`true`})`,
    })
    .from(sql`(values (1)) as one(x)`);
  return count !== undefined && count.accounts + count.invited < 2;
}

/** The same for a command: throws Invalid in words. */
export async function requireRoomForAdministrator(read: Reader, besidesInvitation?: string): Promise<void> {
  if (await hasRoomForAdministrator(read, besidesInvitation)) return;
  throw new Invalid({
    role: "There are two administrators or an open invitation to one: more need a second administrator's approval, which isn't there yet.",
  });
}
