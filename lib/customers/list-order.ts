import { type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import { customerStatuses, customers } from "@/db/schema/customers";

export const listSorts = ["name", "number", "city", "updated"] as const;
export type ListSort = (typeof listSorts)[number];

/** What the list can be narrowed to. */
export const listStatuses = customerStatuses;

export const listDirections = ["asc", "desc"] as const;
export type ListDirection = (typeof listDirections)[number];

/** The direction that people expect of a column at its first click. */
export const usualDirection: Record<ListSort, ListDirection> = {
  name: "asc",
  number: "asc",
  city: "asc",
  updated: "desc",
};

type Order = {
  /** What the rows are sorted by: word for word an index of db/schema/customers.ts. */
  by: SQL;
  /** The same as text that sorts alike: a cursor carries it. */
  key: SQL<string>;
  /** A cursor's text as the database compares it. */
  value(key: string): SQL;
};

const utcMicroseconds = `'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'`;

function textOrder(expression: SQL<string>): Order {
  return { by: expression, key: expression, value: (key) => sql`${key}` };
}

export const listOrders: Record<ListSort, Order> = {
  name: textOrder(sql`keyturn_fold(${customers.name}) collate "C"`),
  number: textOrder(sql`lpad(${customers.number}, 20) collate "C"`),
  city: textOrder(sql`keyturn_fold(${customers.city}) collate "C"`),
  updated: {
    by: sql`${customers.updatedAt}`,
    key: sql`to_char(${customers.updatedAt} at time zone 'utc', ${sql.raw(utcMicroseconds)})`,
    value: (key) => sql`${key}::timestamptz`,
  },
};

/** A place between two rows: what the row beside it sorts by. It stays right while rows come, go and change. */
export type Place = { key: string; id: string };

const cursorForm = z.strictObject({
  sort: z.enum(listSorts),
  direction: z.enum(listDirections),
  key: z
    .string()
    .max(1000)
    .refine((key) => key.isWellFormed() && !key.includes("\u0000")),
  id: z.uuid(),
});

const microseconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;

/** Packs a place into one word for an address. */
export function cursorOf(sort: ListSort, direction: ListDirection, place: Place): string {
  return Buffer.from(JSON.stringify({ sort, direction, key: place.key, id: place.id })).toString("base64url");
}

/** Unpacks it. null where it was tampered with or belongs to another order: the list then begins anew. */
export function placeOf(cursor: string | undefined, sort: ListSort, direction: ListDirection): Place | null {
  if (!cursor || cursor.length > 4000) return null;
  const parsed = cursorForm.safeParse(fromJson(Buffer.from(cursor, "base64url").toString("utf8")));
  if (!parsed.success || parsed.data.sort !== sort || parsed.data.direction !== direction) return null;
  const { key, id } = parsed.data;
  return sort === "updated" && !isTime(key) ? null : { key, id };
}

/** JavaScript takes 30 February for 2 March and has a year 0; PostgreSQL refuses both. */
function isTime(key: string): boolean {
  if (!microseconds.test(key) || key < "0001" || Number.isNaN(Date.parse(key))) return false;
  return new Date(key).toISOString().slice(0, 19) === key.slice(0, 19);
}

function fromJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
