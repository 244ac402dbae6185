import { and, count, eq, isNotNull, ne, type SQL, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { type KeyRing, SealError, type SealFault, unseal } from "@/lib/platform/key-ring";
import { type SealedColumn, sealedColumns } from "./sealed-columns";

/** How many texts of a column were sealed with a key. `keyId` null: that is no sealed text at all. */
export type SealedCount = { column: string; keyId: string | null; rows: number };

/** The id of the key that sealed a column's text, as lib/platform/key-ring.ts writes it; null for anything else. */
export function keyIdOf({ column }: SealedColumn): SQL<string | null> {
  return sql<
    string | null
  >`substring(${column} from '^v1\\.([A-Za-z0-9_.-]{1,32})\\.[A-Za-z0-9_-]+\\.[A-Za-z0-9_-]+$')`;
}

/** A text that is there: an outcome is empty while its call is still running. */
export function hasText({ column }: SealedColumn): SQL | undefined {
  return and(isNotNull(column), ne(column, ""));
}

/** Counts everything sealed, by column and key. */
export async function countSealed(read: Reader): Promise<SealedCount[]> {
  const counts: SealedCount[] = [];
  for (const one of sealedColumns) {
    const rows = await read
      .select({ keyId: keyIdOf(one).as("key_id"), rows: count() })
      .from(one.table)
      .where(hasText(one))
      .groupBy(sql`key_id`)
      .orderBy(sql`key_id`);
    counts.push(...rows.map((row) => ({ column: one.name, ...row })));
  }
  return counts;
}

/** A key that the database needs and the ring doesn't have, or has under the same id with other bytes. */
export type KeyFault = { keyId: string; because: "missing" | "another-key"; rows: Record<string, number> };

/**
 * Compares what is sealed in the database with the ring. A key of an id that is there counts as another one when it
 * opens none of some texts: a new installation's first key is called 1 as well.
 */
export async function readKeyFaults(read: Reader, ring: KeyRing): Promise<KeyFault[]> {
  const faults = new Map<string, KeyFault>();
  for (const { column, keyId, rows } of await countSealed(read)) {
    if (keyId === null) continue;
    const because = ring.some(({ id }) => id === keyId)
      ? (await opensNothing(read, ring, column, keyId)) && "another-key"
      : "missing";
    if (!because) continue;
    const fault = faults.get(keyId) ?? { keyId, because, rows: {} };
    fault.rows[column] = rows;
    faults.set(keyId, fault);
  }
  return [...faults.values()];
}

const samples = 5;

async function opensNothing(read: Reader, ring: KeyRing, name: string, keyId: string): Promise<boolean> {
  const one = sealedColumns.find((column) => column.name === name);
  if (!one) return false;
  const rows = await read
    .select({ sealed: sql<string>`${one.column}`, ...one.facts })
    .from(one.table)
    .where(and(hasText(one), eq(keyIdOf(one), keyId)))
    .limit(samples);
  return rows.length > 0 && rows.every((row) => typeof openRow(ring, one, row) === "string");
}

/** The plain text of a row that was read with its column's facts; the fault where it does not open. */
export function openRow(ring: KeyRing, one: SealedColumn, row: Record<string, unknown>): Buffer | SealFault {
  try {
    return unseal(ring, String(row.sealed), one.place(row as Record<string, string>));
  } catch (error) {
    if (error instanceof SealError) return error.fault;
    throw error;
  }
}
