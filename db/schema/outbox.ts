import { index, integer, pgTable, text, timestamp, uuid } from "drizzle-orm/pg-core";
import { people } from "./people";

/** Mails and text messages to go out, written in the transaction of what they tell of. */
export const outbox = pgTable(
  "outbox",
  {
    id: uuid().primaryKey().defaultRandom(),
    personId: uuid().references(() => people.id),
    /** A mail's address; a number only masked, since the whole one is sealed with the text. */
    recipient: text().notNull(),
    subject: text().notNull(),
    /** Sealed: it may hold a link or a code. Outside demo mode it goes once the mail is sent. */
    sealedBody: text(),
    kind: text().notNull(),
    channel: text({ enum: ["mail", "sms"] })
      .notNull()
      .default("mail"),
    /** The gateway's own id of a text message: what it tells of the delivery is told by this. */
    gatewayId: text(),
    /** What became of it, where the gateway told. */
    delivery: text({ enum: ["accepted", "delivered", "failed"] }),
    createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    /** Tries to send it that were begun. */
    attempts: integer().notNull().default(0),
    /** When it is due; a try moves it on beforehand, so that a second process leaves the mail alone. */
    nextAttemptAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    /** From then on it is worth nothing, and is not sent any more: a code's end. */
    expiresAt: timestamp({ withTimezone: true }),
    lastError: text(),
    sentAt: timestamp({ withTimezone: true }),
  },
  (t) => [index("outbox_created").on(t.createdAt), index("outbox_due").on(t.sentAt, t.nextAttemptAt)],
);
