import { integer, jsonb, pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core";

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
