import { createHmac } from "node:crypto";
import canonicalize from "canonicalize";
import { sql } from "drizzle-orm";
import { auditEvents } from "@/db/schema/audit";
import { deriveKey } from "@/lib/platform/key-ring";

/** The stored time to the microsecond. */
export function utc() {
  return sql<string>`to_char(${auditEvents.at} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** The one form that MAC and leaf are made over. Of a year before Christ, YYYY alone says the same as of one after. */
function utcWithEra() {
  return sql<string>`${utc()} || case when ${auditEvents.at} < '0001-01-01T00:00:00Z' then ' BC' else '' end`;
}

/** A row exactly as it is stored: what MAC and leaf are made over (threats.md 28). */
export const storedColumns = {
  seq: auditEvents.seq,
  id: auditEvents.id,
  at: utcWithEra(),
  actorId: auditEvents.actorId,
  sessionId: auditEvents.sessionId,
  action: auditEvents.action,
  outcome: auditEvents.outcome,
  recordType: auditEvents.recordType,
  recordId: auditEvents.recordId,
  digest: auditEvents.digest,
  factor: auditEvents.factor,
  authenticatorId: auditEvents.authenticatorId,
  policyVersion: auditEvents.policyVersion,
  address: auditEvents.address,
  detail: auditEvents.detail,
  sealed: auditEvents.sealed,
  repeats: auditEvents.repeats,
  isDemo: auditEvents.isDemo,
  mac: auditEvents.mac,
};

export type StoredRow = Omit<typeof auditEvents.$inferSelect, "at"> & { at: string };

/**
 * The text whose hash is the row's leaf in the sealed log: RFC 8785, every column. Empty for a row that has no such
 * form, as no sealed row is: JSON knows no 1e400, which PostgreSQL keeps.
 */
export function leafText(row: StoredRow): string {
  try {
    return canonicalize({ format: "keyturn-audit-leaf-v1", ...row, seq: Number(row.seq) }) ?? "";
  } catch {
    return "";
  }
}

/**
 * HMAC-SHA256 (hex), made by the app over every column that is known before the row is written: whoever can write to
 * the database alone can write no row, and copy none, since its id is in it.
 */
export function macOf(row: Omit<StoredRow, "seq" | "mac">, auditKey: Buffer): string {
  // A caller may hold more than what is signed.
  const { seq: _, mac: __, ...content } = row as StoredRow;
  return createHmac("sha256", deriveKey(auditKey, "audit row"))
    .update(canonicalize({ format: "keyturn-audit-v2", ...content }) ?? "")
    .digest("hex");
}

/** Whether the app wrote exactly this row: it wrote none that has no canonical form. */
export function isOurs(row: StoredRow, auditKey: Buffer): boolean {
  try {
    return row.mac !== null && macOf(row, auditKey) === row.mac;
  } catch {
    return false;
  }
}
