import { sql } from "drizzle-orm";
import { index, pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core";
import { people } from "./people";

/** "I can't use any of these": a person asks the administrators for help. */
export const helpRequests = pgTable(
  "help_requests",
  {
    id: uuid().primaryKey().defaultRandom(),
    personId: uuid()
      .notNull()
      .references(() => people.id),
    /** The protected action that the prompt was for. */
    action: text().notNull(),
    createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    resolvedAt: timestamp({ withTimezone: true }),
    resolvedBy: uuid().references(() => people.id),
  },
  (t) => [
    index("help_requests_person").on(t.personId),
    index("help_requests_open").on(t.createdAt).where(sql`${t.resolvedAt} is null`),
  ],
);
