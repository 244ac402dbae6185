import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { type CustomerStatus, contacts, contracts, customers } from "@/db/schema/customers";
import { people } from "@/db/schema/people";
import { visibleCustomers } from "@/lib/access/access";
import type { Person } from "@/lib/people/person";
import {
  cursorOf,
  type ListDirection,
  type ListSort,
  listOrders,
  type Place,
  placeOf,
  usualDirection,
} from "./list-order";
import { matchesSearch } from "./search";

export type CustomerListQuery = {
  q?: string;
  status?: CustomerStatus;
  sort?: ListSort;
  direction?: ListDirection;
  /** A cursor of an earlier answer: the page behind it … */
  after?: string;
  /** … or the page in front of it. */
  before?: string;
  pageSize?: number;
};

export type CustomerListRow = {
  id: string;
  number: string;
  name: string;
  status: CustomerStatus;
  city: string;
  country: string;
  primaryContact: string | null;
  accountManager: string | null;
  contractCount: number;
  updatedAt: Date;
};

export type CustomerList = {
  rows: CustomerListRow[];
  /** How many customers the filter finds, on all pages; counted up to a limit. */
  total: number;
  /** There are more than `total`. */
  isMore: boolean;
  sort: ListSort;
  direction: ListDirection;
  /** Goes into `after`; null on the last page. */
  next: string | null;
  /** Goes into `before`; null on the first page. */
  previous: string | null;
};

/** To count all of a million customers takes longer than to show a page of them, and tells nobody more. */
export const countedUpTo = 10_000;

/** Each of a search's customers has to be read to be counted, and nobody reads on behind so many. */
export const foundUpTo = 1_000;

/** One page of the customers that a person sees, with their number: one query, whatever the page. */
export async function readCustomerList(
  read: Reader,
  person: Person,
  query: CustomerListQuery,
): Promise<CustomerList> {
  const { sort = "name", pageSize = 50 } = query;
  const direction = query.direction ?? usualDirection[sort];
  const after = placeOf(query.after, sort, direction);
  const before = after ? null : placeOf(query.before, sort, direction);
  const page = { sort, direction, place: after ?? before, backwards: before !== null, size: pageSize };
  const limit = query.q?.trim() ? foundUpTo : countedUpTo;
  const found = await selectPage(read, filterOf(person, query), page, limit);
  const counted = found[0]?.total ?? 0;
  const rows = found.filter(isRow);
  const more = rows.length > pageSize;
  const shown = rows.slice(0, pageSize);
  if (before) shown.reverse();
  return {
    rows: shown.map(({ sortKey, total: _total, ...row }) => row),
    total: Math.min(counted, limit),
    isMore: counted > limit,
    sort,
    direction,
    next: cursorAt(shown.at(-1), before ? true : more),
    previous: cursorAt(shown[0], before ? more : after !== null),
  };

  function cursorAt(row: { sortKey: string; id: string } | undefined, exists: boolean): string | null {
    return row && exists ? cursorOf(sort, direction, { key: row.sortKey, id: row.id }) : null;
  }
}

type Found = Awaited<ReturnType<typeof selectPage>>[number];

/** A count without a page beside it comes as a row of nulls. */
function isRow(row: Found): row is Found & CustomerListRow {
  return row.id !== null;
}

type Page = {
  sort: ListSort;
  direction: ListDirection;
  place: Place | null;
  backwards: boolean;
  size: number;
};

function filterOf(person: Person, { q, status }: CustomerListQuery): SQL | undefined {
  return and(
    visibleCustomers(person),
    ...(status ? [eq(customers.status, status)] : []),
    ...matchesSearch(q ?? ""),
  );
}

/** The count stands outside, so that it comes also where the page is empty. */
function selectPage(read: Reader, filter: SQL | undefined, page: Page, countUpTo: number) {
  const few = read
    .select({ one: sql`1`.as("one") })
    .from(customers)
    .where(filter)
    .limit(countUpTo + 1)
    .as("few");
  const counted = read
    .select({ total: sql<number>`count(*)::int`.as("total") })
    .from(few)
    .as("counted");
  const rows = selectRows(read, filter, page);
  const way = wayOf(page);
  return read
    .select({
      total: counted.total,
      id: rows.id,
      number: rows.number,
      name: rows.name,
      status: rows.status,
      city: rows.city,
      country: rows.country,
      updatedAt: rows.updatedAt,
      sortKey: rows.sortKey,
      accountManager: people.name,
      primaryContact: sql<string | null>`(select ${contacts.name} from ${contacts}
        where ${contacts.customerId} = ${rows.id} order by ${contacts.isPrimary} desc, ${contacts.id} limit 1)`,
      contractCount: sql<number>`(select count(*)::int from ${contracts} where ${contracts.customerId} = ${rows.id})`,
    })
    .from(counted)
    .leftJoin(rows, sql`true`)
    .leftJoin(people, eq(people.id, rows.accountManagerId))
    .orderBy(sql`${rows.sortKey} collate "C" ${way}`, sql`${rows.id} ${way}`);
}

function selectRows(read: Reader, filter: SQL | undefined, page: Page) {
  const order = listOrders[page.sort];
  const way = wayOf(page);
  const beyond = way === descending ? sql`<` : sql`>`;
  const { place } = page;
  const position = place
    ? sql`(${order.by}, ${customers.id}) ${beyond} (${order.value(place.key)}, ${place.id}::uuid)`
    : sql`true`;
  return read
    .select({
      id: customers.id,
      number: customers.number,
      name: customers.name,
      status: customers.status,
      city: customers.city,
      country: customers.country,
      updatedAt: customers.updatedAt,
      accountManagerId: customers.accountManagerId,
      sortKey: sql<string>`${order.key}`.as("sort_key"),
    })
    .from(customers)
    .where(and(filter, position))
    .orderBy(sql`${order.by} ${way}`, sql`${customers.id} ${way}`)
    .limit(page.size + 1)
    .as("rows_of_page");
}

const ascending = sql`asc`;
const descending = sql`desc`;

/** Walking back reads the other way round. */
function wayOf({ direction, backwards }: Page): SQL {
  return (direction === "desc") !== backwards ? descending : ascending;
}
