import { getTableName, sql } from "drizzle-orm";
import type { PgTable } from "drizzle-orm/pg-core";
import type { Tx } from "@/db/client";

/**
 * Inserts many rows at once, as one JSON parameter: building a statement with a placeholder a value takes longer
 * than the database needs. The rows must have the same members. What is there already stays as it is.
 */
export async function insertRows<T extends PgTable>(
  tx: Tx,
  table: T,
  rows: T["$inferInsert"][],
): Promise<void> {
  const [first] = rows;
  if (!first) return;
  const members = Object.keys(first);
  const columns = sql.join(
    members.map((member) => sql.identifier(snakeCase(member))),
    sql`, `,
  );
  const name = sql.identifier(getTableName(table));
  const json = JSON.stringify(rows.map((row) => renameMembers(row, members)));
  await tx.execute(
    sql`insert into ${name} (${columns}) select ${columns} from json_populate_recordset(null::${name}, ${json}::json) on conflict do nothing`,
  );
}

function renameMembers(row: object, members: string[]): Record<string, unknown> {
  const values = row as Record<string, unknown>;
  return Object.fromEntries(members.map((member) => [snakeCase(member), values[member]]));
}

/** As drizzle's own casing has it for these tables. */
function snakeCase(member: string): string {
  return member.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
