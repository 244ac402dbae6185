import { integer, jsonb, pgTable, timestamp, uuid } from "drizzle-orm/pg-core";

/** Each version is the administrators' whole set of rules; the highest is in force at the next check. */
export const policyVersions = pgTable("policy_versions", {
  version: integer().primaryKey(),
  rules: jsonb().notNull(),
  createdBy: uuid(),
  createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
});
