import { sql } from "drizzle-orm";
import {
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { people } from "./people";

/** Why a sign-in asks for a second factor. */
export type SignInRisk = "always" | "new-device" | "after-failures";

/**
 * One row a sign-in. The cookie holds the row's id and a secret; only the secret's hash is here (ASVS 7.2.4:
 * a new secret at sign-in and at every step-up).
 */
export const sessions = pgTable(
  "sessions",
  {
    id: uuid().primaryKey().defaultRandom(),
    personId: uuid()
      .notNull()
      .references(() => people.id),
    secretHash: text().notNull(),
    /** The secret before the last rotation. It never has the elevation, see lib/session/rotation.ts. */
    predecessorHash: text(),
    /** When the successor's cookie was first presented: the predecessor ends 30 s later. */
    successorSeenAt: timestamp({ withTimezone: true }),
    /** "Lock now" adds one: evidence and challenges of an older epoch are void. */
    lockEpoch: integer().notNull().default(0),
    userAgent: text().notNull().default(""),
    address: text().notNull().default(""),
    /** SHA-256 of the device cookie: what this browser used last, and whether it was seen before. */
    deviceHash: text(),
    /** Why this sign-in still waits for a second factor; null: it doesn't. Until then the session opens nothing. */
    awaits: jsonb().$type<SignInRisk[]>(),
    /** What it waited for when the predecessor's secret was replaced: a cookie from before the proof opens nothing. */
    predecessorAwaits: jsonb().$type<SignInRisk[]>(),
    createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    lastSeenAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    expiresAt: timestamp({ withTimezone: true }).notNull(),
    endedAt: timestamp({ withTimezone: true }),
    endedBecause: text({
      enum: [
        "signed-out",
        "revoked",
        "password-changed",
        "disabled",
        "not-me",
        "role-changed",
        "factors-reset",
      ],
    }),
  },
  (t) => [index("sessions_person").on(t.personId)],
);

/** Failed passwords, per account and, for accounts that do not exist, per hash of what was typed. */
export const passwordAttempts = pgTable("password_attempts", {
  /** SHA-256 of the lower-case e-mail address: unknown accounts are slowed exactly like known ones. */
  accountHash: text().primaryKey(),
  failures: integer().notNull().default(0),
  lastFailedAt: timestamp({ withTimezone: true }),
});

/** A browser that is not asked for a second factor at sign-in. It never stands in for a step-up. */
export const trustedDevices = pgTable(
  "trusted_devices",
  {
    id: uuid().primaryKey().defaultRandom(),
    personId: uuid()
      .notNull()
      .references(() => people.id),
    deviceHash: text().notNull(),
    userAgent: text().notNull().default(""),
    createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    expiresAt: timestamp({ withTimezone: true }).notNull(),
    revokedAt: timestamp({ withTimezone: true }),
  },
  (t) => [
    index("trusted_devices_person").on(t.personId, t.deviceHash),
    uniqueIndex("trusted_devices_one").on(t.personId, t.deviceHash).where(sql`${t.revokedAt} is null`),
  ],
);

/** A person was told that their deadline for a second factor is near: once for each deadline and distance. */
export const deadlineReminders = pgTable(
  "deadline_reminders",
  {
    personId: uuid()
      .notNull()
      .references(() => people.id),
    deadline: timestamp({ withTimezone: true }).notNull(),
    daysBefore: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.personId, t.deadline, t.daysBefore] })],
);
