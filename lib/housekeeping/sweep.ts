import { getTableName, sql } from "drizzle-orm";
import type { Database } from "@/db/client";
import { takesTurnOf } from "@/db/turn";
import { logFailure } from "@/lib/platform/log";
import { type Rule, rules } from "./rules";

/** Deleted at a time: no statement holds the database for long. */
const batchSize = 500;
/** Of one rule in one sweep; the rest waits for the next one. */
const mostBatches = 20;

/**
 * Deletes what is over, rule by rule in short transactions. A rule that fails is logged and tried again with the next
 * sweep; the others go on. Returns how many rows went.
 */
export async function sweep(database: Database): Promise<number> {
  let gone = 0;
  for (const rule of rules) {
    try {
      gone += await sweepTable(database, rule);
    } catch (error) {
      logFailure(getTableName(rule.table), "housekeeping.sweep", error);
    }
  }
  return gone;
}

async function sweepTable(database: Database, rule: Rule): Promise<number> {
  let gone = 0;
  for (let batch = 0; batch < mostBatches; batch++) {
    const deleted = await deleteBatch(database, rule);
    gone += deleted;
    if (deleted < batchSize) break;
  }
  return gone;
}

/** One process at a time: another one that is at it does this turn's work. What somebody holds locked waits. */
async function deleteBatch(database: Database, { table, over }: Rule): Promise<number> {
  return database.transaction(async (tx) => {
    if (!(await takesTurnOf(tx, "sweep"))) return 0;
    // An array is made once; a plain subquery may be run again for every row, and lock more.
    const batch = sql`array(select ctid from ${table} where ${over} limit ${batchSize} for update skip locked)`;
    const deleted = await tx
      .delete(table)
      .where(sql`ctid = any(${batch})`)
      .returning({ one: sql<number>`1` });
    return deleted.length;
  });
}
