import { desc, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { auditHeads, auditQueue } from "@/db/schema/audit";
import { mayReadAudit } from "@/lib/access/access";
import { CheckpointError, fingerprintOf, openCheckpoint } from "@/lib/audit/log/checkpoint";
import type { LogSigner } from "@/lib/audit/log/log-key";
import type { Person } from "@/lib/people/person";

export type SealedHead = {
  /** How many rows it covers. */
  size: number;
  sealedAt: Date;
  /** Whether this installation's key signed it. */
  isSigned: boolean;
  keyId: string;
  /** The log's public key as text: what `audit:verify -- --key` takes. */
  vkey: string;
  fingerprint: string;
  /** Rows that wait for their leaf, counted up to `waitingUpTo`. */
  waiting: number;
  waitingUpTo: number;
};

const waitingUpTo = 1_000;

/** The head that was sealed last, for administrators and auditors. null: nothing was sealed yet, or it isn't theirs to see. */
export async function readSealedHead(
  read: Reader,
  reader: Person,
  { vkey, keyId }: Pick<LogSigner, "vkey" | "keyId">,
): Promise<SealedHead | null> {
  if (!mayReadAudit(reader)) return null;
  const [head] = await read
    .select({
      size: auditHeads.size,
      checkpoint: auditHeads.checkpoint,
      sealedAt: auditHeads.sealedAt,
      waiting: sql<number>`(select count(*)::int from (select 1 from ${auditQueue} limit ${waitingUpTo}) few)`,
    })
    .from(auditHeads)
    .orderBy(desc(auditHeads.size))
    .limit(1);
  if (!head) return null;
  const { checkpoint, ...rest } = head;
  const size = Number(head.size);
  return {
    ...rest,
    waitingUpTo,
    size,
    isSigned: isSigned(checkpoint, size, vkey),
    keyId,
    vkey,
    fingerprint: fingerprintOf(vkey),
  };
}

function isSigned(checkpoint: string, size: number, vkey: string): boolean {
  try {
    return openCheckpoint(checkpoint, vkey).size === size;
  } catch (error) {
    if (error instanceof CheckpointError) return false;
    throw error;
  }
}
