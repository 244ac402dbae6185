import { and, eq, isNotNull, ne, or, type SQL, sql } from "drizzle-orm";
import type { Reader, Tx } from "@/db/client";
import { customers } from "@/db/schema/customers";
import { people, type Role } from "@/db/schema/people";
import { isOpenAccount } from "@/lib/people/administrators";

/** What somebody may see from now on: nothing, one team's customers, or all of them. */
export type Reached = { role: Role; teamId: string | null };

/** SQL: this person's customers that are out of their reach as `now`; null: all of them, whoever sees what. */
function leaving(personId: string, now: Reached | null): SQL | undefined {
  const own = eq(customers.accountManagerId, personId);
  if (now?.role === "manager") return sql`false`;
  if (now?.role === "employee" && now.teamId) return and(own, ne(customers.teamId, now.teamId));
  return own;
}

/** How many customers the colleague looks after then, and how many nobody does. */
export type CustomersLeft = { toColleague: number; toNobody: number };

/** What would become of the customers that are out of this person's reach as `now`. */
export async function countLeaving(
  read: Reader,
  personId: string,
  now: Reached | null,
  to: Colleague | null,
): Promise<CustomersLeft> {
  const [row] = await read
    .select({
      all: sql<number>`count(*)::int`,
      toColleague: sql<number>`count(${to ? toWhoeverSees(to) : sql`null`})::int`,
    })
    .from(customers)
    .where(leaving(personId, now));
  const { all = 0, toColleague = 0 } = row ?? {};
  return { toColleague, toNobody: all - toColleague };
}

/** Somebody who can look after customers. */
export type Colleague = { id: string; name: string; role: Role; teamId: string | null };

/** An open account with customers' work; null for everybody else. */
export async function readColleague(read: Reader, id: string): Promise<Colleague | null> {
  const [row] = await read
    .select({ id: people.id, name: people.name, role: people.role, teamId: people.teamId })
    .from(people)
    .where(and(eq(people.id, id), canLookAfterCustomers()));
  return row ?? null;
}

/** SQL: an open account with customers' work. */
export function canLookAfterCustomers(): SQL | undefined {
  const inTeam = and(eq(people.role, "employee"), isNotNull(people.teamId));
  return and(isOpenAccount(), or(eq(people.role, "manager"), inTeam));
}

/**
 * The one writer of who looks after a customer when people move. Each gets a new version, so that a form that was open
 * meanwhile is told; those that the colleague doesn't see get nobody.
 */
export async function handOverCustomers(
  tx: Tx,
  { from, to, now }: { from: string; to: Colleague | null; now: Reached | null },
): Promise<CustomersLeft> {
  const handed = await tx
    .update(customers)
    .set({
      accountManagerId: to ? toWhoeverSees(to) : null,
      version: sql`${customers.version} + 1`,
      updatedAt: sql`now()`,
    })
    .where(leaving(from, now))
    .returning({ to: customers.accountManagerId });
  const toColleague = handed.filter((one) => one.to !== null).length;
  return { toColleague, toNobody: handed.length - toColleague };
}

function toWhoeverSees({ id, role, teamId }: Colleague): SQL {
  if (role === "manager") return sql`${id}::uuid`;
  return sql`case when ${customers.teamId} = ${teamId}::uuid then ${id}::uuid end`;
}
