import { and, asc, eq, inArray, lte, ne, or, sql } from "drizzle-orm";
import type { Database, Tx } from "@/db/client";
import { auditEvents, auditHeads, auditLeaves, auditNodes, auditQueue } from "@/db/schema/audit";
import { takesTurnOf } from "@/db/turn";
import { logFailure } from "@/lib/platform/log";
import { isOurs, leafText, type StoredRow, storedColumns } from "../stored";
import { signCheckpoint } from "./checkpoint";
import { openHead, requireGrownFrom } from "./grown-from";
import type { LogSigner } from "./log-key";
import { type CompactRange, hashLeaf } from "./merkle";
import { SealingStopped } from "./sealing-fault";
import { MissingHash, readNewestHead, treeOf } from "./tree";

/** Sealed at a time: a first start with years of history takes many short turns. */
export const batchSize = 1_000;

export type SealedHead = { sealed: number; size: number; checkpoint: string };

/**
 * Gives waiting rows their leaves, in one short transaction, and signs the new head. One process at a time does it;
 * null: another one is at it, or nothing waits. The order is that of sealing: a transaction that stalls delays nobody,
 * its row comes later, and a rolled-back one leaves no gap (threats.md 28). A row that the app didn't write leaves the
 * queue without a leaf: signed, it would be one of the app's for everybody outside. `kept`: a head from outside the
 * database, from which the log has to have grown. Throws SealingStopped.
 */
export async function sealRows(
  database: Database,
  signer: LogSigner,
  kept: string | null = null,
): Promise<SealedHead | null> {
  return database.transaction(async (tx) => {
    if (!(await takesTurnOf(tx, "seal"))) return null;
    const rows = await takeWaiting(tx);
    if (rows.length === 0) return null;
    const tree = await storedTree(tx);
    await requireSigned(tx, tree, signer);
    await requireGrownFrom(tx, kept, signer);
    const first = tree.size;
    const leaves = rows.flatMap((row) => leafOf(row, signer) ?? []);
    await tx.delete(auditQueue).where(
      inArray(
        auditQueue.seq,
        rows.map(({ seq }) => seq),
      ),
    );
    if (leaves.length < rows.length) tellOfForeign(rows.length - leaves.length);
    if (leaves.length === 0) return null;
    const nodes = leaves.flatMap(({ hash }) => tree.push(hash));
    const { origin, key } = signer;
    const checkpoint = signCheckpoint({ origin, size: tree.size, root: tree.root() }, key);
    await intoFreePlaces(async () => {
      await tx.insert(auditLeaves).values(leaves.map(({ seq }, at) => ({ index: first + at, seq })));
      await tx.insert(auditNodes).values(nodes);
      await tx.insert(auditHeads).values({ size: tree.size, checkpoint });
    });
    return { sealed: leaves.length, size: tree.size, checkpoint };
  });
}

/** null: the app didn't write the row, or it has no canonical form. */
function leafOf(row: StoredRow, { auditKey, demo }: LogSigner): { seq: number; hash: Buffer } | null {
  const isSeeded = demo && row.isDemo && row.mac === null;
  const text = leafText(row);
  if (text === "" || !(isSeeded || isOurs(row, auditKey))) return null;
  return { seq: row.seq, hash: hashLeaf(Buffer.from(text)) };
}

function tellOfForeign(count: number): void {
  const words = `${count} rows that the app did not write get no leaf: run npm run audit:verify`;
  logFailure("audit", "audit.seal", new Error(words));
}

/** What somebody took away, or put in, stops the sealing until people have looked, and shows as such. */
async function storedTree(tx: Tx): Promise<CompactRange> {
  try {
    return await treeOf(tx);
  } catch (error) {
    throw error instanceof MissingHash ? new SealingStopped("other-log") : error;
  }
}

/** The same of a place beyond the tree, or of a row's leaf, that is taken: only one process seals at a time. */
async function intoFreePlaces(insert: () => Promise<void>): Promise<void> {
  try {
    await insert();
  } catch (error) {
    const cause = error instanceof Error ? error.cause : null;
    const isTaken = cause instanceof Error && "code" in cause && cause.code === "23505";
    throw isTaken ? new SealingStopped("other-log") : error;
  }
}

/** Never signs a tree that grew from another one than it signed last: somebody changed the stored hashes then. */
async function requireSigned(tx: Tx, tree: CompactRange, { vkey }: LogSigner): Promise<void> {
  const last = await readNewestHead(tx);
  if (!last && tree.size === 0) return;
  const head = last ? openHead(last.checkpoint, vkey) : null;
  if (head?.size !== tree.size || !head.root.equals(tree.root())) throw new SealingStopped("other-log");
}

/**
 * Locked, so that no repeat is folded into a row while it gets its leaf; a refusal waits until no repeat can come any
 * more (lib/audit/record.ts). What somebody holds locked waits for the next turn.
 */
function takeWaiting(tx: Tx) {
  const settled = or(
    ne(auditEvents.outcome, "refused"),
    sql`${auditEvents.at} < now() - interval '61 seconds'`,
  );
  return (
    tx
      .select(storedColumns)
      .from(auditQueue)
      .innerJoin(auditEvents, eq(auditEvents.seq, auditQueue.seq))
      // Beyond, numbers are not exact: no sequence comes there, and nothing could be found again by one.
      .where(and(settled, lte(auditQueue.seq, Number.MAX_SAFE_INTEGER)))
      .orderBy(asc(auditQueue.seq))
      .limit(batchSize)
      .for("update", { of: auditEvents, skipLocked: true })
  );
}
