import { eq } from "drizzle-orm";
import { z } from "zod";
import type { Reader } from "@/db/client";
import { auditEvents } from "@/db/schema/audit";
import { authenticators } from "@/db/schema/step-up";
import type { KeyRing } from "@/lib/platform/key-ring";
import { assertion, pageOrigin, type RelyingPartyOfLog } from "../log/check-assertion";
import { CheckpointError, openCheckpoint } from "../log/checkpoint";
import { faultOfErasure } from "../log/erasures";
import { inclusionProof } from "../log/merkle";
import { type RowWithLeaf, readEnrolment, selectWithLeaf } from "../log/read-row";
import { MissingHash, readNewestHead, readNodes } from "../log/tree";
import { readOpening } from "../read-opening";
import { isOurs, leafText, type StoredRow } from "../stored";
import type { ProvenRow, ReceiptData } from "./receipt-data";

export type ReceiptIssuer = { ring: KeyRing; auditKey: Buffer; vkey: string; rp: RelyingPartyOfLog };

/** A row that was changed, or tells what can't be opened though nobody erased it: no receipt may make that look right. */
export type Unprovable = "unprovable";

/**
 * All that somebody outside needs to check one row. Knows nothing of who asks: call it behind the gate of
 * customer.download-receipt or admin.download-receipt. null: there is no such row, or it is not sealed yet, or under
 * another key than today's, with which the receipt would not fit.
 */
export async function makeReceipt(
  read: Reader,
  { ring, auditKey, vkey, rp }: ReceiptIssuer,
  eventId: string,
  recordName: string | null,
): Promise<ReceiptData | Unprovable | null> {
  const [found] = await selectWithLeaf(read).where(eq(auditEvents.id, eventId));
  if (!found) return null;
  const { row } = found;
  const enrolled = row.factor === "passkey" ? await readEnrolment(read, row) : null;
  const { state, text } = await readOpening(read, ring, row);
  if (!isOurs(row, auditKey) || (enrolled && !isOurs(enrolled.row, auditKey))) return "unprovable";
  const isErased = state === "erased" && (await faultOfErasure(read, row, auditKey)) === null;
  if (text === null && !isErased) return "unprovable";
  const checkpoint = (await readNewestHead(read))?.checkpoint;
  const size = checkpoint === undefined ? 0 : sizeOf(checkpoint, vkey);
  if (checkpoint === undefined || !isSealed(found, size)) return null;
  try {
    return {
      format: "keyturn-receipt-v1",
      rpId: rp.id,
      origin: originOf(row, rp),
      madeAt: new Date().toISOString(),
      vkey,
      checkpoint,
      row: await proven(read, found, size),
      enrolment: isSealed(enrolled, size) ? await proven(read, enrolled, size) : null,
      opening: text,
      names: {
        authenticator: await nameOf(read, row.authenticatorId),
        record: text === null ? null : recordName,
      },
    };
  } catch (error) {
    if (error instanceof MissingHash) return "unprovable";
    throw error;
  }
}

/** As it is signed, whatever its table says; 0 under another key. */
function sizeOf(checkpoint: string, vkey: string): number {
  try {
    return openCheckpoint(checkpoint, vkey).size;
  } catch (error) {
    if (error instanceof CheckpointError) return 0;
    throw error;
  }
}

/** Where the passkey signed; where none did, today's. */
function originOf({ detail }: StoredRow, rp: RelyingPartyOfLog): string {
  const kept = z.object({ assertion }).safeParse(detail);
  return kept.success ? pageOrigin(kept.data.assertion.clientDataJSON, rp) : rp.origin;
}

type SealedRow = RowWithLeaf & { index: number };

function isSealed(found: RowWithLeaf | null | undefined, size: number): found is SealedRow {
  return found != null && found.index !== null && Number(found.index) < size;
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
