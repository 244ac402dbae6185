import { randomUUID } from "node:crypto";
import canonicalize from "canonicalize";
import { and, desc, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { type AuditOutcome, auditEvents, auditLeaves } from "@/db/schema/audit";
import { secrets } from "@/lib/platform/secrets";
import type { AuditAction } from "./events";
import { sealOpening, type Told } from "./opening";
import { macOf, storedColumns } from "./stored";
import { type AuditSubject, subjectRing } from "./subject-keys";

/** Rows without a session in which a repeat is looked for. */
const newestLookedAt = 100;

export type AuditRow = {
  actorId: string | null;
  sessionId: string | null;
  action: AuditAction;
  outcome: AuditOutcome;
  recordType: string | null;
  recordId: string | null;
  factor: string | null;
  authenticatorId: string | null;
  policyVersion: number | null;
  address: string | null;
  /** Readable for as long as the log is kept: nothing that tells of a customer. */
  detail: Record<string, unknown>;
};

/**
 * Writes one decision, in the transaction of what it tells of, with the app's keyed MAC. What it tells of the record
 * is sealed under the record's key (lib/audit/opening.ts). Repeated refusals of one session and action, and of sign-ins
 * to one account (or none) from one address, fold into a row a minute, so that nobody can flood the log (design § 7).
 */
export async function recordAudit(tx: Tx, row: AuditRow, told: Told | null = null): Promise<void> {
  const [clock] = await tx
    .select({
      at: sql<string>`to_char(clock_timestamp() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')`,
    })
    .from(sql`(values (1)) as one(x)`);
  if (!clock) throw new Error("the database gave no time");
  if (row.outcome === "refused" && (await fold(tx, row))) return;
  const id = randomUUID();
  const opening = told ? await sealTold(tx, row, id, told) : { sealed: null, digest: null };
  const whole = { id, at: clock.at, ...row, ...opening, repeats: 1, isDemo: false };
  await tx.insert(auditEvents).values({ ...whole, mac: macOf(whole, secrets().auditKey) });
}

async function sealTold(tx: Tx, row: AuditRow, id: string, told: Told) {
  const ring = await subjectRing(tx, secrets().encryptionKeys, subjectOf(row));
  return sealOpening(ring, id, told);
}

const ownKey = new Set(["customer", "contract"]);

function subjectOf({ recordType, recordId, actorId }: AuditRow): AuditSubject {
  if (recordType && recordId && ownKey.has(recordType)) return { type: recordType, id: recordId };
  return { type: "person", id: actorId ?? "" };
}

/**
 * What was confirmed may differ: the row keeps the first one's, and the MAC is over what is kept. A row that is folded
 * takes as many statements as a new one: how long a refused sign-in takes tells nothing of the account (threats.md 23).
 */
async function fold(tx: Tx, row: AuditRow): Promise<boolean> {
  const newest = tx
    .select({ seq: auditEvents.seq })
    .from(auditEvents)
    .where(row.sessionId ? ofSession(row.sessionId, row.action) : ofAddress(tx, row))
    .orderBy(desc(auditEvents.seq))
    .limit(1);
  // Only what the sealer doesn't take yet (log/seal-rows.ts) is locked: who writes never waits for it.
  const [last] = await tx
    .select(storedColumns)
    .from(auditEvents)
    .where(
      and(
        inArray(auditEvents.seq, newest),
        eq(auditEvents.outcome, "refused"),
        sql`${auditEvents.at} > clock_timestamp() - interval '1 minute'`,
      ),
    )
    .for("update");
  // Read after the row was locked: what has its leaf never changes.
  const [leaf] = await tx
    .select()
    .from(auditLeaves)
    .where(eq(auditLeaves.seq, last?.seq ?? 0));
  if (leaf || !last || canonicalize(partsOf(last)) !== canonicalize(partsOf(row))) return false;
  const { seq, ...kept } = last;
  const repeats = last.repeats + 1;
  const mac = macOf({ ...kept, repeats }, secrets().auditKey);
  await tx.update(auditEvents).set({ repeats, mac }).where(eq(auditEvents.seq, seq));
  return true;
}

function ofSession(sessionId: string, action: AuditAction) {
  return and(eq(auditEvents.sessionId, sessionId), eq(auditEvents.action, action));
}

/** Looked for among the newest alone: however many addresses take part, a try costs the same. */
function ofAddress(tx: Tx, { action, actorId, address }: AuditRow) {
  const newest = tx
    .select({ seq: auditEvents.seq })
    .from(auditEvents)
    .where(and(isNull(auditEvents.sessionId), eq(auditEvents.action, action)))
    .orderBy(desc(auditEvents.seq))
    .limit(newestLookedAt);
  return and(
    inArray(auditEvents.seq, newest),
    sql`${auditEvents.actorId} is not distinct from ${actorId}::uuid`,
    sql`${auditEvents.address} is not distinct from ${address}`,
  );
}

/** What makes two refusals the same. */
function partsOf(row: Omit<AuditRow, "action" | "detail"> & { detail: unknown }) {
  const { outcome, recordType, recordId, factor, authenticatorId, policyVersion, address, detail } = row;
  return { outcome, recordType, recordId, factor, authenticatorId, policyVersion, address, detail };
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
  /** The session that it ended. */
  ended?: string | null;
  /** What about it asks for a second factor; until that is proved, its session opens nothing. */
  awaits?: readonly string[] | null;
  /** Its person trusts the device: it was not asked for one. */
  trusted?: boolean;
  /** The last one before its address has to wait: it had tried too many passwords. */
  isLimited?: boolean;
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
    factor: "password",
    authenticatorId: null,
    policyVersion: null,
    address: entry.address,
    detail: {
      ...(entry.isLimited ? { reason: "too-many-tries" } : {}),
      ...(entry.ended ? { ended: entry.ended } : {}),
      ...(entry.awaits ? { awaits: entry.awaits } : {}),
      ...(entry.trusted && !entry.awaits ? { trustedDevice: true } : {}),
    },
  });
}
