import { createHmac } from "node:crypto";
import canonicalize from "canonicalize";
import { and, desc, eq, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { type AuditOutcome, auditEvents } from "@/db/schema/audit";
import { deriveKey } from "@/lib/platform/key-ring";
import { secrets } from "@/lib/platform/secrets";
import type { AuditAction } from "./events";

export type AuditRow = {
  actorId: string | null;
  sessionId: string | null;
  action: AuditAction;
  outcome: AuditOutcome;
  recordType: string | null;
  recordId: string | null;
  digest: string | null;
  factor: string | null;
  authenticatorId: string | null;
  policyVersion: number | null;
  address: string | null;
  detail: Record<string, unknown>;
};

/**
 * Writes one decision, in the transaction of what it tells of, with the app's keyed MAC. Repeated refusals of one
 * session and action fold into a row a minute, so that nobody can flood the log (design § 7).
 */
export async function recordAudit(tx: Tx, row: AuditRow): Promise<void> {
  if (row.outcome === "refused" && row.sessionId && (await fold(tx, row))) return;
  const [clock] = await tx
    .select({
      at: sql<string>`to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
    })
    .from(sql`(values (1)) as one(x)`);
  if (!clock) throw new Error("the database gave no time");
  await tx
    .insert(auditEvents)
    .values({ ...row, at: clock.at, mac: macOf({ ...row, at: clock.at, repeats: 1 }) });
}

/** Everything but the digest must be the same: the row keeps the first one's, and the MAC is over what is kept. */
async function fold(tx: Tx, row: AuditRow): Promise<boolean> {
  const [last] = await tx
    .select({
      seq: auditEvents.seq,
      at: utc(),
      repeats: auditEvents.repeats,
      digest: auditEvents.digest,
      fresh: sql<boolean>`${auditEvents.at} > now() - interval '1 minute'`,
      row: {
        outcome: auditEvents.outcome,
        recordType: auditEvents.recordType,
        recordId: auditEvents.recordId,
        factor: auditEvents.factor,
        authenticatorId: auditEvents.authenticatorId,
        policyVersion: auditEvents.policyVersion,
        address: auditEvents.address,
        detail: auditEvents.detail,
      },
    })
    .from(auditEvents)
    .where(and(eq(auditEvents.sessionId, row.sessionId ?? ""), eq(auditEvents.action, row.action)))
    .orderBy(desc(auditEvents.seq))
    .limit(1)
    .for("update");
  const { outcome, recordType, recordId, factor, authenticatorId, policyVersion, address, detail } = row;
  const now = { outcome, recordType, recordId, factor, authenticatorId, policyVersion, address, detail };
  if (!last?.fresh || canonicalize(last.row) !== canonicalize(now)) return false;
  const repeats = last.repeats + 1;
  const mac = macOf({ ...row, digest: last.digest, at: last.at, repeats });
  await tx.update(auditEvents).set({ repeats, mac }).where(eq(auditEvents.seq, last.seq));
  return true;
}

/** The stored time to the microsecond, in the one form that the MAC is made over. */
export function utc() {
  return sql<string>`to_char(${auditEvents.at} at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`;
}

/** HMAC-SHA256 (hex) over the RFC 8785 form of exactly what is stored (threats.md 28). */
export function macOf(row: AuditRow & { at: string; repeats: number }): string {
  const {
    actorId,
    sessionId,
    action,
    outcome,
    recordType,
    recordId,
    digest,
    factor,
    authenticatorId,
    policyVersion,
    address,
    detail,
    at,
    repeats,
  } = row;
  const content = {
    format: "keyturn-audit-v1",
    actorId,
    sessionId,
    action,
    outcome,
    recordType,
    recordId,
    digest,
    factor,
    authenticatorId,
    policyVersion,
    address,
    detail,
    at,
    repeats,
  };
  return createHmac("sha256", deriveKey(secrets().auditKey, "audit row"))
    .update(canonicalize(content) ?? "")
    .digest("hex");
}

/** What no proof led to: it came by a link, or from the host. */
export type UnprovedEntry = Pick<AuditRow, "actorId" | "action" | "address" | "detail"> & {
  record: { type: string; id: string | null };
  authenticatorId?: string | null;
};

/** Such an act, done. */
export function recordUnproved(tx: Tx, { record, authenticatorId = null, ...entry }: UnprovedEntry) {
  return recordAudit(tx, {
    ...entry,
    outcome: "allowed",
    sessionId: null,
    recordType: record.type,
    recordId: record.id,
    digest: null,
    factor: null,
    authenticatorId,
    policyVersion: null,
  });
}

export type SignInEntry = {
  outcome: "allowed" | "refused";
  personId: string | null;
  sessionId: string | null;
  address: string;
};

/** A sign-in, or a refused one of a known account. */
export function recordSignIn(tx: Tx, entry: SignInEntry): Promise<void> {
  return recordAudit(tx, {
    actorId: entry.personId,
    sessionId: entry.sessionId,
    action: "session.sign-in",
    outcome: entry.outcome,
    recordType: null,
    recordId: null,
    digest: null,
    factor: "password",
    authenticatorId: null,
    policyVersion: null,
    address: entry.address,
    detail: {},
  });
}
