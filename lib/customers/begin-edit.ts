import { z } from "zod";
import { defineCommand } from "@/lib/command";
import { consumeGrant } from "@/lib/step-up/grant";
import { asTheFormShows, readCustomerForEdit } from "./read-record";

/** The click on Edit: asks for the step-up, then hands out the record as it is now for the form. */
export const beginEdit = defineCommand({
  name: "customer.edit",
  input: z.strictObject({ customerId: z.uuid() }),
  audit: "on-proof",
  subject: (read, person, { customerId }) => readCustomerForEdit(read, person, customerId),
  names: ({ customerId }) => ({ type: "customer", id: customerId }),
  record: (customer) => ({ type: "customer", id: customer.id, version: null }),
  prompt: (customer) => ({ purpose: `to edit ${customer.fields.name}`, verb: "Edit", changes: [] }),
  async run(tx, grant, { customerId }, { subject }) {
    await consumeGrant(tx, grant, "customer.edit", customerId);
    return { data: asTheFormShows(subject), detail: { step: "opened-form" } };
  },
});
