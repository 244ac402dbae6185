import { and, eq, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Reader } from "@/db/client";
import {
  type ContractStatus,
  type CustomerStatus,
  contacts,
  contracts,
  customers,
} from "@/db/schema/customers";
import { people, teams } from "@/db/schema/people";
import { visibleCustomers } from "@/lib/access/access";
import type { Person } from "@/lib/people/person";
import { maskIban } from "./bank-details";
import { countryName } from "./countries";
import type { CustomerFields } from "./fields";

export type Contact = {
  id: string;
  name: string;
  jobTitle: string;
  email: string;
  phone: string;
  isPrimary: boolean;
};

/** What the customer's page may list of a contract: nothing of contract_details. */
export type ContractRow = {
  id: string;
  number: string;
  title: string;
  status: ContractStatus;
  startsOn: string;
  endsOn: string | null;
};

export type CustomerRecord = CustomerFields & {
  id: string;
  number: string;
  status: CustomerStatus;
  version: number;
  createdAt: Date;
  updatedAt: Date;
  team: { id: string; name: string };
  accountManager: { id: string; name: string } | null;
  /** null: none are kept. The IBAN itself does not leave the database here. */
  bankDetails: { accountHolder: string; maskedIban: string } | null;
  contacts: Contact[];
  contracts: ContractRow[];
};

/** The customer's page, in one query. null: there is no such customer for this person. */
export async function readCustomer(
  read: Reader,
  person: Person,
  customerId: string,
): Promise<CustomerRecord | null> {
  const [row] = await read
    .select({
      ...editableColumns,
      id: customers.id,
      number: customers.number,
      status: customers.status,
      version: customers.version,
      createdAt: customers.createdAt,
      updatedAt: customers.updatedAt,
      team: { id: teams.id, name: teams.name },
      accountManager: { id: people.id, name: people.name },
      accountHolder: customers.accountHolder,
      ibanEnds: sql<
        string | null
      >`left(${customers.iban}, 2) || repeat('•', length(${customers.iban}) - 6) || right(${customers.iban}, 4)`,
      contacts: contactsOfCustomer,
      contracts: contractsOfCustomer,
    })
    .from(customers)
    .innerJoin(teams, eq(teams.id, customers.teamId))
    .leftJoin(people, eq(people.id, customers.accountManagerId))
    .where(isVisible(person, customerId));
  if (!row) return null;
  const { accountHolder, ibanEnds, ...record } = row;
  const bankDetails = ibanEnds
    ? { accountHolder: accountHolder ?? "", maskedIban: maskIban(ibanEnds) }
    : null;
  return { ...record, bankDetails };
}

export type EditableCustomer = { id: string; version: number; fields: CustomerFields };

/** What the edit form starts from, and the version that saving it compares. */
export async function readCustomerForEdit(
  read: Reader,
  person: Person,
  customerId: string,
): Promise<EditableCustomer | null> {
  const [row] = await read
    .select({ id: customers.id, version: customers.version, fields: editableColumns })
    .from(customers)
    .where(isVisible(person, customerId));
  return row ?? null;
}

/** The fields as people read and type them: a country by its name. What comes back is understood either way. */
export function asTheFormShows<Record extends { fields: { country: string } }>(record: Record): Record {
  return { ...record, fields: { ...record.fields, country: countryName(record.fields.country) } };
}

/** The guarded columns in full: for customer.change-bank-details alone, whose prompt masks them. */
export async function readBankDetails(read: Reader, person: Person, customerId: string) {
  const [row] = await read
    .select({
      id: customers.id,
      name: customers.name,
      version: customers.version,
      accountHolder: customers.accountHolder,
      iban: customers.iban,
    })
    .from(customers)
    .where(isVisible(person, customerId));
  return row ?? null;
}

const editableColumns = {
  name: customers.name,
  email: customers.email,
  phone: customers.phone,
  street: customers.street,
  city: customers.city,
  postalCode: customers.postalCode,
  country: customers.country,
};

const contactsOfCustomer = sql<Contact[]>`coalesce((select json_agg(json_build_object(
    'id', ${contacts.id}, 'name', ${contacts.name}, 'jobTitle', ${contacts.jobTitle}, 'email', ${contacts.email},
    'phone', ${contacts.phone}, 'isPrimary', ${contacts.isPrimary})
    order by ${contacts.isPrimary} desc, ${contacts.name}, ${contacts.id})
  from ${contacts} where ${contacts.customerId} = ${customers.id}), '[]'::json)`;

const contractsOfCustomer = sql<ContractRow[]>`coalesce((select json_agg(json_build_object(
    'id', ${contracts.id}, 'number', ${contracts.number}, 'title', ${contracts.title}, 'status', ${contracts.status},
    'startsOn', ${contracts.startsOn}, 'endsOn', ${contracts.endsOn})
    order by ${contracts.startsOn} desc, ${contracts.number})
  from ${contracts} where ${contracts.customerId} = ${customers.id}), '[]'::json)`;

/** An id that is none finds nothing, instead of an error of the database. */
function isVisible(person: Person, customerId: string): SQL {
  const isUuid = z.guid().safeParse(customerId).success;
  return and(visibleCustomers(person), isUuid ? eq(customers.id, customerId) : sql`false`) ?? sql`false`;
}
