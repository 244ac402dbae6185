import { and, asc, between, eq, gt, gte, isNull, lt, lte, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import {
  auditEvents,
  auditHeads,
  auditLeaves,
  auditNodes,
  auditQueue,
  auditSubjectKeys,
} from "@/db/schema/audit";
import { authenticators, passkeys } from "@/db/schema/step-up";
import { isSealingKey } from "../read-opening";
import { storedColumns } from "../stored";

const atOnce = 2_000;

const withKey = {
  row: storedColumns,
  key: { id: auditSubjectKeys.id, sealedKey: auditSubjectKeys.sealedKey },
};

/** Joins a row to its leaf. The tree begins at 0: what the database's owner numbers below, or beyond count, is none. */
export const isLeafOfRow = and(
  eq(auditLeaves.seq, auditEvents.seq),
  between(auditLeaves.index, 0, Number.MAX_SAFE_INTEGER - 1),
);

/** The log from its first leaf to before `size`, in batches: a leaf, its stored hash, the row that it is of. */
export async function* readLeaves(read: Reader, size: number) {
  const end = Math.min(size, Number.MAX_SAFE_INTEGER);
  for (let from = 0; ; ) {
    const leaves = await read
      .select({ index: auditLeaves.index, seq: auditLeaves.seq, hash: auditNodes.hash, ...withKey })
      .from(auditLeaves)
      .leftJoin(auditEvents, eq(auditEvents.seq, auditLeaves.seq))
      .leftJoin(auditSubjectKeys, isSealingKey)
      .leftJoin(auditNodes, and(eq(auditNodes.level, 0), eq(auditNodes.index, auditLeaves.index)))
      .where(and(gte(auditLeaves.index, from), lt(auditLeaves.index, end)))
      .orderBy(asc(auditLeaves.index))
      .limit(atOnce);
    if (leaves.length === 0) return;
    yield leaves;
    from = Number(leaves.at(-1)?.index) + 1;
  }
}

/** Rows that have no leaf yet, whatever their numbers, and whether they wait for one. */
export async function* readUnsealed(read: Reader) {
  // As text: numbers beyond 2^53 would stand for their neighbours.
  for (let last: string | null = null; ; ) {
    const rows: UnsealedRow[] = await selectUnsealed(read)
      .where(
        and(isNull(auditLeaves.seq), last === null ? undefined : sql`${auditEvents.seq} > ${last}::bigint`),
      )
      .orderBy(asc(auditEvents.seq))
      .limit(atOnce);
    if (rows.length === 0) return;
    yield rows;
    last = rows.at(-1)?.number ?? null;
  }
}

function selectUnsealed(read: Reader) {
  return read
    .select({
      ...withKey,
      number: sql<string>`${auditEvents.seq}::text`,
      // The sealer takes no number that isn't exact (seal-rows.ts).
      waits: sql<boolean>`${auditQueue.seq} is not null and ${auditQueue.seq} <= ${Number.MAX_SAFE_INTEGER}::bigint`,
    })
    .from(auditEvents)
    .leftJoin(auditLeaves, isLeafOfRow)
    .leftJoin(auditQueue, eq(auditQueue.seq, auditEvents.seq))
    .leftJoin(auditSubjectKeys, isSealingKey);
}

type UnsealedRow = Awaited<ReturnType<typeof selectUnsealed>>[number];

/** The signed heads of sizes above `from` and up to `to`. */
export function readHeads(read: Reader, from: number, to: number) {
  return read
    .select({ size: auditHeads.size, checkpoint: auditHeads.checkpoint })
    .from(auditHeads)
    .where(and(gt(auditHeads.size, from), lte(auditHeads.size, to)))
    .orderBy(asc(auditHeads.size));
}

/** How far the log goes: leaves, and the size of the last signed head. */
export async function readExtent(read: Reader): Promise<{ leaves: number; signed: number }> {
  const [extent] = await read
    .select({
      leaves: sql<number>`(select coalesce(max(${auditLeaves.index}) + 1, 0) from ${auditLeaves})::float8`,
      signed: sql<number>`(select coalesce(max(${auditHeads.size}), 0) from ${auditHeads})::float8`,
    })
    .from(sql`(values (1)) as one(x)`);
  return { leaves: Number(extent?.leaves ?? 0), signed: Number(extent?.signed ?? 0) };
}

/** The passkeys that can answer today, with the keys that they are checked with. */
export async function readPasskeys(read: Reader) {
  return read
    .select({
      authenticatorId: passkeys.authenticatorId,
      userId: authenticators.userId,
      suspended: sql<boolean>`${authenticators.suspendedAt} is not null`,
      credentialId: passkeys.credentialId,
      publicKey: passkeys.publicKey,
    })
    .from(passkeys)
    .innerJoin(authenticators, eq(authenticators.id, passkeys.authenticatorId))
    .where(isNull(authenticators.removedAt));
}
