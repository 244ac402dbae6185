import { and, asc, eq, type SQL, sql } from "drizzle-orm";
import type { Database, Tx } from "@/db/client";
import { hasText, keyIdOf, openRow } from "@/lib/keys/read-sealed";
import { type SealedColumn, sealedColumns } from "@/lib/keys/sealed-columns";
import { type KeyRing, seal } from "@/lib/platform/key-ring";

/** What was done to a column: texts sealed anew, and those that no key of the ring opens, which stay as they are. */
export type Resealed = { column: string; rows: number; unreadable: number };

const batchSize = 100;

/**
 * Seals everything with the ring's first key that another one of it sealed, while the app goes on writing. What it is
 * stopped in the middle of is whole: each batch is a transaction of its own, and a second run goes on from there.
 */
export async function resealAll(database: Database, ring: KeyRing): Promise<Resealed[]> {
  const done: Resealed[] = [];
  for (const column of sealedColumns) done.push(await resealColumn(database, ring, column));
  return done;
}

/** Passes over the column until one finds nothing: what the app held locked, or wrote meanwhile, comes next time. */
async function resealColumn(database: Database, ring: KeyRing, one: SealedColumn): Promise<Resealed> {
  let rows = 0;
  for (;;) {
    const pass = await resealPass(database, ring, one);
    rows += pass.rows;
    if (pass.rows === 0) return { column: one.name, rows, unreadable: pass.unreadable };
  }
}

async function resealPass(database: Database, ring: KeyRing, one: SealedColumn) {
  const total = { rows: 0, unreadable: 0 };
  let after: unknown[] | null = null;
  do {
    const batch: Batch = await database.transaction((tx) => resealBatch(tx, ring, one, after));
    total.rows += batch.rows;
    total.unreadable += batch.unreadable;
    after = batch.last;
  } while (after);
  return total;
}

type Batch = { rows: number; unreadable: number; last: unknown[] | null };

/** Rows that the app holds are left out, so that this never waits for it while it holds rows itself: no deadlock. */
async function resealBatch(
  tx: Tx,
  ring: KeyRing,
  one: SealedColumn,
  after: unknown[] | null,
): Promise<Batch> {
  const found: Record<string, unknown>[] = await tx
    .select({ sealed: sql<string>`${one.column}`, ...one.facts, ...keyOf(one) })
    .from(one.table)
    .where(
      and(
        hasText(one),
        sql`${keyIdOf(one)} is distinct from ${ring[0]?.id}`,
        after ? sql`(${list(one.key)}) > (${list(after.map((value) => sql`${value}`))})` : undefined,
      ),
    )
    .orderBy(...one.key.map((column) => asc(column)))
    .limit(batchSize)
    .for("update", { skipLocked: true });
  let rows = 0;
  for (const row of found) if (await resealRow(tx, ring, one, row)) rows += 1;
  const last = found.at(-1);
  return {
    rows,
    unreadable: found.length - rows,
    last: last ? one.key.map((_, index) => last[`key${index}`]) : null,
  };
}

/** Compares and sets: a text that somebody wrote since it was read is theirs. */
async function resealRow(
  tx: Tx,
  ring: KeyRing,
  one: SealedColumn,
  row: Record<string, unknown>,
): Promise<boolean> {
  const plain = openRow(ring, one, row);
  if (typeof plain === "string") return false;
  const fresh = seal(ring, plain, one.place(row as Record<string, string>));
  await tx
    .update(one.table)
    .set({ [one.column.name]: fresh })
    .where(
      and(...one.key.map((column, index) => eq(column, row[`key${index}`])), eq(one.column, row.sealed)),
    );
  return true;
}

function keyOf(one: SealedColumn) {
  return Object.fromEntries(one.key.map((column, index) => [`key${index}`, column]));
}

function list(parts: readonly (SealedColumn["column"] | SQL)[]): SQL {
  return sql.join(
    parts.map((part) => sql`${part}`),
    sql`, `,
  );
}
