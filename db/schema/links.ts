import { index, jsonb, pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core";
import { people } from "./people";

export const linkPurposes = [
  "reset-password",
  "not-me",
  "invitation",
  "recovery",
  "confirm-email",
  "set-up-factor",
] as const;
export type LinkPurpose = (typeof linkPurposes)[number];

/** Links that were mailed or printed: each works once, and only the hash of its token is here. */
export const links = pgTable(
  "links",
  {
    id: uuid().primaryKey().defaultRandom(),
    purpose: text({ enum: linkPurposes }).notNull(),
    /** SHA-256 (hex) of the token. */
    tokenHash: text().notNull().unique(),
    /** Whose it is; null while the person does not exist yet (an invitation). */
    personId: uuid().references(() => people.id),
    /** What it is for: the purpose's own members. */
    data: jsonb().notNull(),
    createdBy: uuid().references(() => people.id),
    createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    expiresAt: timestamp({ withTimezone: true }).notNull(),
    usedAt: timestamp({ withTimezone: true }),
    revokedAt: timestamp({ withTimezone: true }),
  },
  (t) => [index("links_person").on(t.personId, t.purpose), index("links_purpose").on(t.purpose, t.createdAt)],
);

/** A change of e-mail address on its way: confirmed at both addresses, it is made. */
export const emailChanges = pgTable(
  "email_changes",
  {
    id: uuid().primaryKey().defaultRandom(),
    personId: uuid()
      .notNull()
      .references(() => people.id),
    oldEmail: text().notNull(),
    newEmail: text().notNull(),
    createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    expiresAt: timestamp({ withTimezone: true }).notNull(),
    confirmedAtOld: timestamp({ withTimezone: true }),
    confirmedAtNew: timestamp({ withTimezone: true }),
    completedAt: timestamp({ withTimezone: true }),
    /** Given up, replaced by a newer one, or taken back by "This wasn't me". */
    cancelledAt: timestamp({ withTimezone: true }),
  },
  (t) => [index("email_changes_person").on(t.personId)],
);
