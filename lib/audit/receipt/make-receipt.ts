import { and, asc, eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Reader } from "@/db/client";
import { auditEvents, auditLeaves } from "@/db/schema/audit";
import { authenticators } from "@/db/schema/step-up";
import type { KeyRing } from "@/lib/platform/key-ring";
import { assertion, pageOrigin, type RelyingPartyOfLog } from "../log/check-assertion";
import { inclusionProof } from "../log/merkle";
import { readNewestHead, readNodes } from "../log/tree";
import { readOpening } from "../read-opening";
import { leafText, storedColumns } from "../stored";
import type { ProvenRow, ReceiptData } from "./receipt-data";

export type ReceiptIssuer = { ring: KeyRing; vkey: string; rp: RelyingPartyOfLog };

/**
 * All that somebody outside needs to check one row. Knows nothing of who asks: call it behind the gate of
 * customer.download-receipt. null: there is no such row, or it is not sealed yet.
 */
export async function makeReceipt(
  read: Reader,
  { ring, vkey, rp }: ReceiptIssuer,
  eventId: string,
  recordName: string | null,
): Promise<ReceiptData | null> {
  const head = await readNewestHead(read);
  const [found] = await selectSealed(read).where(eq(auditEvents.id, eventId));
  if (!head || !found || Number(found.index) >= head.size) return null;
  const { size, checkpoint } = head;
  const { row } = found;
  const { text } = await readOpening(read, ring, row);
  const enrolled = row.factor === "passkey" ? await readEnrolment(read, row) : null;
  return {
    format: "keyturn-receipt-v1",
    rpId: rp.id,
    origin: originOf(row, rp),
    madeAt: new Date().toISOString(),
    vkey,
    checkpoint,
    row: await proven(read, found, size),
    enrolment: enrolled ? await proven(read, enrolled, size) : null,
    opening: text,
    names: {
      authenticator: await nameOf(read, row.authenticatorId),
      record: text === null ? null : recordName,
    },
  };
}

/** Where the passkey signed; where none did, today's. */
function originOf({ detail }: SealedRow["row"], rp: RelyingPartyOfLog): string {
  const kept = z.object({ assertion }).safeParse(detail);
  return kept.success ? pageOrigin(kept.data.assertion.clientDataJSON, rp) : rp.origin;
}

type SealedRow = Awaited<ReturnType<typeof selectSealed>>[number];

function selectSealed(read: Reader) {
  return read
    .select({ row: storedColumns, index: auditLeaves.index })
    .from(auditEvents)
    .innerJoin(auditLeaves, eq(auditLeaves.seq, auditEvents.seq));
}

/** The row that brought the passkey into the log, by the same person. */
async function readEnrolment(read: Reader, { actorId, authenticatorId }: SealedRow["row"]) {
  if (!actorId || !authenticatorId) return null;
  const [enrolled] = await selectSealed(read)
    .where(
      and(
        eq(auditEvents.actorId, actorId),
        eq(auditEvents.authenticatorId, authenticatorId),
        sql`jsonb_exists(${auditEvents.detail}, 'credential')`,
      ),
    )
    .orderBy(asc(auditEvents.seq))
    .limit(1);
  return enrolled ?? null;
}

async function proven(read: Reader, { row, index }: SealedRow, size: number): Promise<ProvenRow> {
  const at = Number(index);
  const proof = await inclusionProof(at, size, (wanted) => readNodes(read, wanted));
  return { leaf: leafText(row), index: at, proof: proof.map((hash) => hash.toString("base64")) };
}

async function nameOf(read: Reader, authenticatorId: string | null): Promise<string | null> {
  if (!authenticatorId) return null;
  const [one] = await read
    .select({ name: authenticators.name })
    .from(authenticators)
    .where(eq(authenticators.id, authenticatorId));
  return one?.name ?? null;
}
