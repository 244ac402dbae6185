import { sql } from "drizzle-orm";
import {
  boolean,
  date,
  index,
  integer,
  jsonb,
  numeric,
  pgTable,
  text,
  timestamp,
  uniqueIndex,
  uuid,
} from "drizzle-orm/pg-core";
import { people, teams } from "./people";

export const customerStatuses = ["prospect", "active", "paused", "archived"] as const;
export type CustomerStatus = (typeof customerStatuses)[number];

export const contractStatuses = ["draft", "active", "expired", "terminated"] as const;
export type ContractStatus = (typeof contractStatuses)[number];

export const customers = pgTable(
  "customers",
  {
    id: uuid().primaryKey().defaultRandom(),
    /** Shown to people: C-10001. From a sequence, so parallel creation cannot collide. */
    number: text().notNull().default(sql`'C-' || (10000 + nextval('customer_numbers'))::text`),
    name: text().notNull(),
    status: text({ enum: customerStatuses }).notNull().default("prospect"),
    teamId: uuid()
      .notNull()
      .references(() => teams.id),
    accountManagerId: uuid().references(() => people.id),
    email: text().notNull().default(""),
    phone: text().notNull().default(""),
    street: text().notNull().default(""),
    city: text().notNull().default(""),
    postalCode: text().notNull().default(""),
    /** ISO 3166-1 alpha-2. */
    country: text().notNull().default("DE"),
    /** Guarded columns: written by customer.change-bank-details alone. */
    accountHolder: text(),
    iban: text(),
    /** Optimistic lock: compared in every UPDATE. */
    version: integer().notNull().default(1),
    /** Lower-cased name, number, city and contacts; kept by triggers, searched by trigram index. */
    searchText: text().notNull().default(""),
    createdAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
    updatedAt: timestamp({ withTimezone: true }).notNull().defaultNow(),
  },
  (t) => [
    uniqueIndex("customers_number_unique").on(t.number),
    // The orders of the list, as lib/customers/list-order.ts asks for them: case, accents and the database's own
    // collation play no part, and C-100000 comes after C-99999.
    index("customers_team_name").on(t.teamId, sql`keyturn_fold(${t.name}) collate "C"`, t.id),
    index("customers_name").on(sql`keyturn_fold(${t.name}) collate "C"`, t.id),
    index("customers_city").on(sql`keyturn_fold(${t.city}) collate "C"`, t.id),
    index("customers_number").on(sql`lpad(${t.number}, 20) collate "C"`, t.id),
    index("customers_updated").on(t.updatedAt, t.id),
    // Small enough to count by: the list says how many customers there are, in all and of a status.
    index("customers_status").on(t.status, t.teamId),
    index("customers_account_manager").on(t.accountManagerId),
    index("customers_search").using("gin", t.searchText.op("gin_trgm_ops")),
  ],
);

export const contacts = pgTable(
  "contacts",
  {
    id: uuid().primaryKey().defaultRandom(),
    customerId: uuid()
      .notNull()
      .references(() => customers.id),
    name: text().notNull(),
    jobTitle: text().notNull().default(""),
    email: text().notNull().default(""),
    phone: text().notNull().default(""),
    isPrimary: boolean().notNull().default(false),
  },
  (t) => [index("contacts_customer").on(t.customerId)],
);

export const contracts = pgTable(
  "contracts",
  {
    id: uuid().primaryKey().defaultRandom(),
    customerId: uuid()
      .notNull()
      .references(() => customers.id),
    number: text().notNull().unique(),
    title: text().notNull(),
    status: text({ enum: contractStatuses }).notNull(),
    startsOn: date().notNull(),
    endsOn: date(),
    version: integer().notNull().default(1),
  },
  (t) => [index("contracts_customer").on(t.customerId)],
);

export type Clause = { heading: string; text: string };
export type Signatory = { name: string; jobTitle: string; party: "customer" | "us"; signedOn: string | null };

/** What is shown only after contract.view: apart from its title, so that no list can carry it along. */
export const contractDetails = pgTable("contract_details", {
  contractId: uuid()
    .primaryKey()
    .references(() => contracts.id),
  value: numeric({ precision: 14, scale: 2 }).notNull(),
  currency: text().notNull(),
  paymentTerms: text().notNull(),
  noticePeriod: text().notNull(),
  clauses: jsonb().$type<Clause[]>().notNull(),
  signatories: jsonb().$type<Signatory[]>().notNull(),
});
