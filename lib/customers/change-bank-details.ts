import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { customers } from "@/db/schema/customers";
import { visibleCustomers } from "@/lib/access/access";
import { defineCommand } from "@/lib/command";
import { consumeGrant } from "@/lib/step-up/grant";
import { Conflict, Forbidden } from "@/lib/step-up/refusal";
import { bankDetails, formatIban, maskIban } from "./bank-details";
import { readBankDetails } from "./read-record";

/** The one writer of the guarded columns: confirmed for exactly this account, and for the version that was seen. */
export const changeBankDetails = defineCommand({
  name: "customer.change-bank-details",
  input: z.strictObject({ customerId: z.uuid(), version: z.int32().min(1), bankDetails }),
  subject: (read, person, { customerId }) => readBankDetails(read, person, customerId),
  names: ({ customerId }) => ({ type: "customer", id: customerId }),
  record: (customer, { version }) => ({ type: "customer", id: customer.id, version }),
  prompt: (customer, { bankDetails: next }) => ({
    purpose: `to change the bank details of ${customer.name}`,
    verb: "Save bank details",
    changes: [
      { label: "Account holder", from: customer.accountHolder ?? "none", to: next.accountHolder },
      { label: "IBAN", from: customer.iban ? maskIban(customer.iban) : "none", to: formatIban(next.iban) },
    ].filter(({ label, from, to }) => label === "IBAN" || from !== to),
  }),
  async run(tx, grant, { customerId, version, bankDetails: next }, { person, subject }) {
    await consumeGrant(tx, grant, "customer.change-bank-details", customerId);
    const [saved] = await tx
      .update(customers)
      .set({ ...next, version: sql`${customers.version} + 1`, updatedAt: sql`now()` })
      .where(and(eq(customers.id, customerId), eq(customers.version, version), visibleCustomers(person)))
      .returning({ version: customers.version });
    if (!saved) {
      const current = await readBankDetails(tx, person, customerId);
      if (!current) throw new Forbidden("This customer is no longer yours to edit.");
      const { accountHolder, iban } = current;
      throw new Conflict({ version: current.version, accountHolder, iban: iban ? maskIban(iban) : null });
    }
    const changes = [
      { field: "accountHolder", from: subject.accountHolder ?? "", to: next.accountHolder },
      { field: "iban", from: subject.iban ? maskIban(subject.iban) : "", to: maskIban(next.iban) },
    ].filter(({ from, to, field }) => field === "iban" || from !== to);
    return { data: { version: saved.version }, personal: { changes } };
  },
});
