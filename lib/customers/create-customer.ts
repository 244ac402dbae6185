import { z } from "zod";
import { customers } from "@/db/schema/customers";
import { mayCreateCustomer } from "@/lib/access/access";
import { defineCommand } from "@/lib/command";
import { readTeam } from "@/lib/people/read";
import { consumeGrant } from "@/lib/step-up/grant";
import { customerFields } from "./fields";

/** A new company in a team that the person works for. Its bank details come later, by their own action. */
export const createCustomer = defineCommand({
  name: "customer.create",
  input: z.strictObject({ teamId: z.uuid(), fields: customerFields }),
  subject: async (read, person, { teamId }) =>
    mayCreateCustomer(person, teamId) ? readTeam(read, teamId) : null,
  record: (team) => ({ type: "team", id: team.id, version: null }),
  prompt: (team, { fields }) => ({
    purpose: `to create ${fields.name} in ${team.name}`,
    verb: "Create customer",
    changes: [],
  }),
  async run(tx, grant, { teamId, fields }, { person }) {
    await consumeGrant(tx, grant, "customer.create", teamId);
    const [created] = await tx
      .insert(customers)
      .values({ ...fields, teamId, accountManagerId: person.id })
      .returning({ id: customers.id, number: customers.number });
    if (!created) throw new Error("the customer was not written");
    const about = { type: "customer", id: created.id };
    // What was confirmed names the team: the row has to name it, too, for whoever compares them (verify-receipt.js).
    const detail = { number: created.number, team: teamId };
    return { data: created, about, detail, personal: { name: fields.name } };
  },
});
