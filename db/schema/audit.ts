import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  date,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  smallint,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { bytea } from "./bytea";

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
    /** Hex SHA-256 of the opening in `sealed`: it commits to what was confirmed and tells nothing of it. */
    digest: text(),
    factor: text(),
    authenticatorId: uuid(),
    policyVersion: integer(),
    address: text(),
    /** Why it was refused, how it was done, … : the event's own members, none of which tells of a customer. */
    detail: jsonb().notNull(),
    /** What it tells of a customer: see lib/audit/opening.ts. Unreadable once the record's key is erased. */
    sealed: text(),
    /** Folded repeats of the same refusal within a minute. */
    repeats: integer().notNull().default(1),
    /** Seeded history: carries no signature and is marked as such. */
    isDemo: boolean().notNull().default(false),
    mac: text(),
  },
  (t) => [
    // The id first: who looks for a record in the log knows its id, and not always its type.
    index("audit_record").on(t.recordId, t.recordType, t.seq),
    // By time, as pages go.
    index("audit_actor").on(t.actorId, t.at, t.seq),
    index("audit_session_action").on(t.sessionId, t.action, t.seq),
    index("audit_at").on(t.at, t.seq),
    index("audit_action").on(t.action, t.at, t.seq),
    index("audit_factor").on(t.factor, t.at, t.seq).where(sql`${t.factor} is not null`),
    // The overview's, word for word (lib/oversight/overview/read-decisions.ts).
    index("audit_step_ups").on(t.at).where(sql`jsonb_typeof(${t.detail} -> 'confirmedInMs') = 'number'`),
    index("audit_not_allowed").on(t.outcome, t.at, t.seq).where(sql`${t.outcome} <> 'allowed'`),
    index("audit_text").using(
      "gin",
      sql`keyturn_audit_text(${t.action}, ${t.recordType}, ${t.recordId}, ${t.address}, ${t.detail}) gin_trgm_ops`,
    ),
  ],
);

/** The key of what the log tells of one record. Erasing it erases that, and every row stays (crypto-shredding). */
export const auditSubjectKeys = pgTable(
  "audit_subject_keys",
  {
    id: uuid().primaryKey(),
    subjectType: text().notNull(),
    subjectId: text().notNull(),
    /** 32 bytes under the key ring; additional data = `audit subject key` and this row's id. null: erased. */
    sealedKey: text(),
    createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    erasedAt: timestamp({ withTimezone: true }),
    /** Not used for new rows any more: the ring lacked the key that it is sealed under. It may come back. */
    retiredAt: timestamp({ withTimezone: true }),
  },
  (t) => [
    uniqueIndex("audit_subject_keys_living")
      .on(t.subjectType, t.subjectId)
      .where(sql`${t.sealedKey} is not null and ${t.retiredAt} is null`),
  ],
);

/*
 * The sealed log: RFC 6962's tree over the rows, in the order in which they were sealed. A row waits in the queue (a
 * trigger puts it there) until the sealer gives it a leaf; rows and leaves are only ever added.
 */

export const auditQueue = pgTable("audit_queue", {
  seq: bigint({ mode: "number" }).primaryKey(),
});

export const auditLeaves = pgTable("audit_leaves", {
  index: bigint({ mode: "number" }).primaryKey(),
  seq: bigint({ mode: "number" }).notNull().unique(),
});

/** Hashes of the complete subtrees: level 0 has the leaves', level 1 those of two leaves, and so on. */
export const auditNodes = pgTable(
  "audit_nodes",
  {
    level: smallint().notNull(),
    index: bigint({ mode: "number" }).notNull(),
    hash: bytea().notNull(),
  },
  (t) => [primaryKey({ columns: [t.level, t.index] })],
);

/** The signed heads: C2SP tlog-checkpoints. */
export const auditHeads = pgTable("audit_heads", {
  size: bigint({ mode: "number" }).primaryKey(),
  checkpoint: text().notNull(),
  sealedAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
});

/** Days whose head went to the witness by mail: one mail a day, whichever process writes it. */
export const auditWitnessed = pgTable("audit_witnessed", {
  day: date().primaryKey(),
});
