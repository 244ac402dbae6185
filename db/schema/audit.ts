import { bigint, boolean, index, integer, jsonb, pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core";

export const auditOutcomes = ["allowed", "refused", "cancelled", "failed"] as const;
export type AuditOutcome = (typeof auditOutcomes)[number];

/** One row a decision, written in the change's own transaction, with the app's keyed MAC (design.md § 7). */
export const auditEvents = pgTable(
  "audit_events",
  {
    seq: bigint({ mode: "number" }).primaryKey().generatedAlwaysAsIdentity(),
    id: uuid().notNull().unique().defaultRandom(),
    at: timestamp({ withTimezone: true, precision: 6, mode: "string" }).notNull(),
    actorId: uuid(),
    sessionId: uuid(),
    /** A protected action's name, or sign-in, sign-out and the like: see lib/audit/events.ts. */
    action: text().notNull(),
    outcome: text({ enum: auditOutcomes }).notNull(),
    recordType: text(),
    recordId: text(),
    digest: text(),
    factor: text(),
    authenticatorId: uuid(),
    policyVersion: integer(),
    address: text(),
    /** Why it was refused, what changed, … : the event's own members. */
    detail: jsonb().notNull(),
    /** Folded repeats of the same refusal within a minute. */
    repeats: integer().notNull().default(1),
    /** Seeded history: carries no signature and is marked as such. */
    isDemo: boolean().notNull().default(false),
    mac: text(),
  },
  (t) => [
    index("audit_record").on(t.recordType, t.recordId, t.seq),
    index("audit_actor").on(t.actorId, t.seq),
    index("audit_session_action").on(t.sessionId, t.action, t.seq),
  ],
);
