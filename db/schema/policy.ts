import { integer, jsonb, pgTable, primaryKey, text, timestamp, uuid } from "drizzle-orm/pg-core";

/** Each version is the administrators' whole policy (lib/policy/document.ts); the highest is in force at the next check. */
export const policyVersions = pgTable("policy_versions", {
  version: integer().primaryKey(),
  document: jsonb().notNull(),
  reason: text().notNull().default(""),
  createdBy: uuid(),
  /** The second administrator, where it loosened something. */
  approvedBy: uuid(),
  /** The earlier version whose document this one has again. */
  restores: integer(),
  createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
});

/** A factor whose codes leave by a gateway was tried with a real message, through the gateway as it is set up. */
export const factorTrials = pgTable(
  "factor_trials",
  {
    factor: text().notNull(),
    /** HMAC over the gateway's settings: another gateway is tried anew. */
    configuration: text().notNull(),
    confirmedBy: uuid().notNull(),
    confirmedAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.factor, t.configuration] })],
);
