import { eq } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { auditEvents } from "@/db/schema/audit";
import { isOurs, type StoredRow, storedColumns } from "../stored";
import type { Finding } from "./finding";

const erasure = "audit.erase";

/** A change that was under way may still be sealed under the key that is erased meanwhile. */
const graceMs = 2 * 60_000;

/**
 * Rows whose key is gone, against the rows that tell of an erasure: a key that somebody else took away took what was
 * confirmed with it, and nobody has to answer for that.
 */
export class Erasures {
  /** By subject: its last row whose key is gone, and its last erasure. */
  private readonly missing = new Map<string, StoredRow>();
  private readonly told = new Map<string, StoredRow>();

  /** `erased`: what the row told can't be opened, as its key is gone. `isWhole`: its MAC fits. */
  note(row: StoredRow, erased: boolean, isWhole: boolean): void {
    if (isWhole) for (const subject of erasedBy(row)) keepLatest(this.told, subject, row);
    if (erased) keepLatest(this.missing, subjectOf(row), row);
  }

  /** Once every row was seen, the last ones too: an erasure follows what it erases. */
  findings(): Finding[] {
    return [...this.missing]
      .filter(([subject, { at }]) => {
        const erasedAt = this.told.get(subject)?.at;
        return erasedAt === undefined || Date.parse(at) - Date.parse(erasedAt) > graceMs;
      })
      .map(([, { seq }]) => ({ seq: Number(seq), words: noErasure }));
  }
}

/** Of a row whose key is gone: what is wrong where no row of the app's own tells of the erasure; else null. */
export async function faultOfErasure(read: Reader, row: StoredRow, auditKey: Buffer): Promise<string | null> {
  const erasures = new Erasures();
  erasures.note(row, true, false);
  const told = await read.select(storedColumns).from(auditEvents).where(eq(auditEvents.action, erasure));
  for (const one of told) erasures.note(one, false, isOurs(one, auditKey));
  return erasures.findings()[0]?.words ?? null;
}

const noErasure = "what it tells can't be opened: its key is gone, and no row tells of an erasure";

function keepLatest(rows: Map<string, StoredRow>, subject: string, row: StoredRow): void {
  const kept = rows.get(subject);
  if (!kept || kept.at < row.at) rows.set(subject, row);
}

/** The customer and its contracts that a row tells the erasure of. */
function erasedBy({ action, outcome, isDemo, recordType, recordId, detail }: StoredRow): string[] {
  if (action !== erasure || outcome !== "allowed" || isDemo) return [];
  const { contracts } = (detail ?? {}) as { contracts?: unknown };
  const own = Array.isArray(contracts) ? contracts.map((id) => `contract/${id}`) : [];
  return [`${recordType}/${recordId}`, ...own];
}

/** Whose key sealed a row, as recordAudit chooses it. */
function subjectOf({ recordType, recordId, actorId }: StoredRow): string {
  return recordType === "customer" || recordType === "contract"
    ? `${recordType}/${recordId}`
    : `person/${actorId}`;
}
