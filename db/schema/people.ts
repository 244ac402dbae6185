import { sql } from "drizzle-orm";
import {
  boolean,
  check,
  index,
  integer,
  pgTable,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";

export const roles = ["employee", "manager", "auditor", "administrator"] as const;
export type Role = (typeof roles)[number];

/** Who closed an account: its owner, by "This wasn't me", or an administrator. */
export const closers = ["owner", "administrator"] as const;

export const teams = pgTable("teams", {
  id: uuid().primaryKey().defaultRandom(),
  name: text().notNull().unique(),
});

export const people = pgTable(
  "people",
  {
    id: uuid().primaryKey().defaultRandom(),
    /** Stored in lower case: the sign-in name. */
    email: text().notNull(),
    name: text().notNull(),
    role: text({ enum: roles }).notNull(),
    teamId: uuid().references(() => teams.id),
    /** argon2id, in PHC form. */
    passwordHash: text().notNull(),
    passwordChangedAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    /** The owner said that a change of it was not theirs: nobody signs in with it until a reset. */
    passwordLockedAt: timestamp({ withTimezone: true }),
    /** Demo accounts are dead where demo mode is off. */
    isDemo: boolean().notNull().default(false),
    disabledAt: timestamp({ withTimezone: true }),
    /** Of a disabled account. The owner's is opened by a reset alone: its address may be somebody else's. */
    closedBy: text({ enum: closers }),
    /** A role demands a second factor by then; from then on the account does nothing but set one up. */
    secondFactorBy: timestamp({ withTimezone: true }),
    /** When they last stopped being an administrator: whoever made the others stop is not alone right away. */
    administeredUntil: timestamp({ withTimezone: true }),
    createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    version: integer().notNull().default(1),
  },
  (t) => [
    uniqueIndex("people_email_unique").on(t.email),
    check("people_email_lower", sql`${t.email} = lower(${t.email})`),
    index("people_team").on(t.teamId),
    // Few: the administrators, open and disabled.
    index("people_administrators").on(t.id).where(sql`${t.role} = 'administrator'`),
    index("people_order").on(sql`keyturn_fold(${t.name}) collate "C"`, t.id),
    index("people_search").using("gin", sql`keyturn_fold(${t.name} || ' ' || ${t.email}) gin_trgm_ops`),
  ],
);
