import { and, eq, type SQL, sql } from "drizzle-orm";
import { z } from "zod";
import type { Reader } from "@/db/client";
import { contractDetails, contracts, customers } from "@/db/schema/customers";
import { visibleCustomers } from "@/lib/access/access";
import type { Person } from "@/lib/people/person";

export type ContractHead = {
  id: string;
  number: string;
  title: string;
  customerId: string;
  customerName: string;
};

/** What authorisation and the prompt need of a contract: nothing that contract.view guards. */
export async function readContractHead(
  read: Reader,
  person: Person,
  customerId: string,
  contractId: string,
): Promise<ContractHead | null> {
  const [row] = await read
    .select(headColumns)
    .from(contracts)
    .innerJoin(customers, eq(customers.id, contracts.customerId))
    .where(isVisible(person, customerId, contractId));
  return row ?? null;
}

/** The whole contract. Call it only behind the gate of contract.view: it asks who the person is, not for proof. */
export async function readContractDetails(
  read: Reader,
  person: Person,
  customerId: string,
  contractId: string,
) {
  const [row] = await read
    .select({
      ...headColumns,
      status: contracts.status,
      startsOn: contracts.startsOn,
      endsOn: contracts.endsOn,
      version: contracts.version,
      /** Decimal text, as numeric(14,2) has it. */
      value: contractDetails.value,
      currency: contractDetails.currency,
      paymentTerms: contractDetails.paymentTerms,
      noticePeriod: contractDetails.noticePeriod,
      clauses: contractDetails.clauses,
      signatories: contractDetails.signatories,
    })
    .from(contracts)
    .innerJoin(customers, eq(customers.id, contracts.customerId))
    .innerJoin(contractDetails, eq(contractDetails.contractId, contracts.id))
    .where(isVisible(person, customerId, contractId));
  return row ?? null;
}

export type ContractDetails = NonNullable<Awaited<ReturnType<typeof readContractDetails>>>;

const headColumns = {
  id: contracts.id,
  number: contracts.number,
  title: contracts.title,
  customerId: customers.id,
  customerName: customers.name,
};

/** The contract of this customer, no other: an address that pairs it with another one finds nothing. */
function isVisible(person: Person, customerId: string, contractId: string): SQL {
  const areUuids = [customerId, contractId].every((id) => z.guid().safeParse(id).success);
  const found = areUuids ? and(eq(contracts.id, contractId), eq(customers.id, customerId)) : undefined;
  return and(visibleCustomers(person), found ?? sql`false`) ?? sql`false`;
}
