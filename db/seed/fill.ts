import { sql } from "drizzle-orm";
import type { Database, Tx } from "@/db/client";
import { auditEvents } from "@/db/schema/audit";
import { contacts, contractDetails, contracts, customers } from "@/db/schema/customers";
import { companyAt, type Staff } from "./companies";
import { type EventRow, historyOf } from "./history";
import { insertRows } from "./insert-rows";
import { type AccountMaker, hireStaff } from "./staff";

export type SeedOptions = {
  /** How many customers there shall be; those that are there count. */
  customers: number;
  /** The past is counted back from here. */
  now: Date;
  /** Makes the demo accounts; null where demo mode is off: then there is no account and no history. */
  accounts: AccountMaker | null;
  /** Told after each batch. */
  onProgress?: (customers: number) => void;
};

export type Seeded = { before: number; added: number };

const batchSize = 500;

/** So many customers have a history; a large test database has more of them than anybody reads about. */
const customersWithHistory = 2_000;

/**
 * Adds what is missing, changes nothing that is there. Each batch is a transaction of its own: an interrupted run
 * leaves whole customers, and the next one goes on behind them.
 */
export async function fillDatabase(database: Database, options: SeedOptions): Promise<Seeded> {
  const before = await database.$count(customers);
  let staff: Staff | null = null;
  let index = before;
  do {
    const from = index;
    const size = Math.max(0, Math.min(batchSize, options.customers - from));
    staff = await database.transaction(async (tx) => {
      const hired = staff ?? (await hireStaff(tx, options.accounts));
      if (size > 0) await addBatch(tx, from, size, hired, options.now);
      return hired;
    });
    index += size;
    options.onProgress?.(index);
  } while (index < options.customers);
  return { before, added: index - before };
}

async function addBatch(tx: Tx, from: number, size: number, staff: Staff, now: Date): Promise<void> {
  const companies = Array.from({ length: size }, (_, place) => companyAt(from + place, staff, now));
  const histories = companies.map((company) =>
    company.index < customersWithHistory ? historyOf(company, staff, now) : null,
  );
  const rows = companies.map(({ customer }, place) => {
    const history = histories[place];
    return {
      ...customer,
      version: history?.version ?? 1,
      updatedAt: history?.updatedAt ?? customer.createdAt,
    };
  });
  // Contacts first: the customer's own trigger then writes its search text once, with them in it.
  await tx.execute(sql`set constraints contacts_customer_id_customers_id_fk deferred`);
  await insertRows(
    tx,
    contacts,
    companies.flatMap((company) => company.contacts),
  );
  await insertRows(tx, customers, rows);
  const made = companies.flatMap((company) => company.contracts);
  await insertRows(
    tx,
    contracts,
    made.map(({ row }) => row),
  );
  await insertRows(
    tx,
    contractDetails,
    made.map(({ details }) => details),
  );
  await insertRows(tx, auditEvents, inOrder(histories.flatMap((history) => history?.events ?? [])));
}

/** The log is read by its sequence. */
function inOrder(events: EventRow[]): EventRow[] {
  return events.toSorted((a, b) => a.at.localeCompare(b.at));
}

/** Whether nobody has put anything in yet. */
export async function isEmpty(database: Database): Promise<boolean> {
  const [found] = await database
    .select({ any: sql<boolean>`exists (select 1 from customers) or exists (select 1 from people)` })
    .from(sql`(values (1)) as one(x)`);
  return found?.any === false;
}
