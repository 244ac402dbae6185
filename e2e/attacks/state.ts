import { sql } from "drizzle-orm";
import type { World } from "../fixtures/world";

/** What may change without anything having been done, by table: with the reason. */
const mayChange: Record<string, string> = {
  audit_events: "each refusal is a row (threats.md 27)",
  audit_queue: "where that row waits for its leaf",
  audit_leaves: "its leaf",
  audit_nodes: "and the hashes above it",
  audit_heads: "and the signed head",
  audit_subject_keys: "the key of what that row tells",
  code_attempts: "a code that was typed is counted, right or wrong (threats.md 9)",
  attempt_locks: "the row at which tries of one person queue",
  password_attempts: "a password that was typed is counted, for accounts that don't exist too",
};
/** A wrong code there is an answer, kept for a repeat of the call: a refusal would roll the count back. */
const counted = sql`action not in ('security.confirm-mailed-code', 'admin.confirm-trial')`;
/** Columns that only tell that a session is in use. */
const stillAlive = ["last_seen_at", "successor_seen_at"];

/** A digest of every table, but for what may change. Equal before and after means that nothing was done. */
export async function stateOf(world: World): Promise<Record<string, string>> {
  const state: Record<string, string> = {};
  for (const { name } of await rows<{ name: string }>(
    world,
    sql`select tablename as name from pg_tables where schemaname = 'public' order by 1`,
  )) {
    if (name in mayChange) continue;
    const [row] = await rows<{ digest: string }>(
      world,
      sql`select count(*) || ' ' || md5(coalesce(string_agg(line, '' order by line), '')) as digest
        from (select (to_jsonb(t) - ${sql.raw(`array['${stillAlive.join("','")}']`)})::text as line
          from ${sql.identifier(name)} t ${name === "call_outcomes" ? sql`where ${counted}` : sql``}) as lines`,
    );
    state[name] = row?.digest ?? "";
  }
  // Refusals are rows; nothing else may be.
  const [done] = await rows<{ n: string }>(
    world,
    sql`select count(*)::text as n from audit_events where outcome not in ('refused', 'failed') and ${counted}`,
  );
  return { ...state, "decisions other than refusals": done?.n ?? "" };
}

async function rows<Row extends Record<string, unknown>>(
  world: World,
  statement: ReturnType<typeof sql>,
): Promise<Row[]> {
  return ((await world.database.execute<Row>(statement)) as unknown as { rows: Row[] }).rows;
}
