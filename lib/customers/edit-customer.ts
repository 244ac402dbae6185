import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import { customers } from "@/db/schema/customers";
import { visibleCustomers } from "@/lib/access/access";
import { defineCommand } from "@/lib/command";
import { consumeGrant } from "@/lib/step-up/grant";
import { Conflict, Forbidden } from "@/lib/step-up/refusal";
import { changesBetween } from "./changes";
import { customerFields } from "./fields";
import { asTheFormShows, readCustomerForEdit } from "./read-record";

/** Saves the edited fields; refused with both versions when somebody saved in between. */
export const editCustomer = defineCommand({
  name: "customer.edit",
  input: z.strictObject({ customerId: z.uuid(), version: z.int32().min(1), fields: customerFields }),
  subject: (read, person, { customerId }) => readCustomerForEdit(read, person, customerId),
  names: ({ customerId }) => ({ type: "customer", id: customerId }),
  record: (customer, { version }) => ({ type: "customer", id: customer.id, version }),
  prompt: (customer, { fields }) => ({
    purpose: `to edit ${customer.fields.name}`,
    verb: "Save changes",
    changes: changesBetween(customer.fields, fields).map(({ label, from, to }) => ({ label, from, to })),
  }),
  async run(tx, grant, { customerId, version, fields }, { person, subject }) {
    await consumeGrant(tx, grant, "customer.edit", customerId);
    const [saved] = await tx
      .update(customers)
      .set({ ...fields, version: sql`${customers.version} + 1`, updatedAt: sql`now()` })
      .where(and(eq(customers.id, customerId), eq(customers.version, version), visibleCustomers(person)))
      .returning({ version: customers.version });
    if (!saved) {
      const current = await readCustomerForEdit(tx, person, customerId);
      if (!current) throw new Forbidden("This customer is no longer yours to edit.");
      throw new Conflict(asTheFormShows(current));
    }
    const changes = changesBetween(subject.fields, fields).map(({ field, from, to }) => ({
      field,
      from,
      to,
    }));
    return { data: { version: saved.version }, personal: { changes } };
  },
});
