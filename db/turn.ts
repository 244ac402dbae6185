import { sql } from "drizzle-orm";
import type { Tx } from "./client";

/** What only one process, or one request, does at a time: any numbers, each another one, the same everywhere. */
export const turns = {
  migrate: 7_265_001,
  invite: 7_265_002,
  sweep: 7_265_003,
  seal: 7_265_004,
  send: 7_265_005,
  administer: 7_265_018,
} as const;

type Work = keyof typeof turns;

/** Takes the turn until the transaction ends; false while somebody else has it. Never waits. */
export async function takesTurnOf(tx: Tx, work: Work): Promise<boolean> {
  const [lock] = await tx
    .select({ taken: sql<boolean>`pg_try_advisory_xact_lock(${turns[work]})` })
    .from(sql`(values (1)) as one(x)`);
  return lock?.taken === true;
}

/** Waits for the turn, and has it until the transaction ends. */
export async function waitsForTurnOf(tx: Tx, work: Work): Promise<void> {
  await tx.execute(sql`select pg_advisory_xact_lock(${turns[work]})`);
}
