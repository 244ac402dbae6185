import { sql } from "drizzle-orm";
import { index, jsonb, pgTable, text, timestamp, uniqueIndex, uuid } from "drizzle-orm/pg-core";
import { people } from "./people";

export const approvalOutcomes = ["approved", "declined", "withdrawn", "outdated"] as const;
export type ApprovalOutcome = (typeof approvalOutcomes)[number];

/** What an administrator asked for and a second one decides (threats.md 20). */
export const approvals = pgTable(
  "approvals",
  {
    id: uuid().primaryKey().defaultRandom(),
    /** Which change it is: see lib/approvals/kinds.ts. */
    kind: text().notNull(),
    /** Whom or what it changes: of one subject, one request of a kind is open. */
    subject: text().notNull(),
    /** The kind's own input, as it was confirmed by who asked. */
    input: jsonb().notNull(),
    reason: text().notNull(),
    askedBy: uuid()
      .notNull()
      .references(() => people.id),
    askedAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    expiresAt: timestamp({ withTimezone: true }).notNull(),
    outcome: text({ enum: approvalOutcomes }),
    decidedBy: uuid().references(() => people.id),
    decidedAt: timestamp({ withTimezone: true }),
  },
  (t) => [
    uniqueIndex("approvals_open").on(t.kind, t.subject).where(sql`${t.outcome} is null`),
    index("approvals_asked_by").on(t.askedBy, t.askedAt),
  ],
);
