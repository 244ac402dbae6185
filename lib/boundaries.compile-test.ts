import type { Reader, Tx } from "@/db/client";
import { customers } from "@/db/schema/customers";
import { people } from "@/db/schema/people";
import { defineCommand } from "./command";
import { editCustomer } from "./customers/edit-customer";
import { type ActionName, protectedActions } from "./protected-actions";
import type { ActionResult } from "./step-up/action-result";
import { consumeGrant, type Grant } from "./step-up/grant";
import { type Requirement, signedIn } from "./step-up/requirement";

/*
 * What must not compile. The compiler reads this file and nobody runs it: an expected error that no longer
 * comes up is an error itself.
 */

type Run = Parameters<typeof editCustomer.run>;
declare const tx: Tx;
declare const input: Run[2];
declare const context: Run[3];
declare const toEdit: Grant<"customer.edit">;
declare const toView: Grant<"contract.view">;

export async function commandsNeedTheirOwnGrant() {
  await editCustomer.run(tx, toEdit, input, context);
  // @ts-expect-error: a grant of another name
  await editCustomer.run(tx, toView, input, context);
  // @ts-expect-error: something that merely looks like an object
  await editCustomer.run(tx, {}, input, context);
  // @ts-expect-error: nothing in the grant's place
  await editCustomer.run(tx, null, input, context);
  // @ts-expect-error: no grant at all
  await editCustomer.run(tx, input, context);
  // @ts-expect-error: the read-only handle in the transaction's place
  await editCustomer.run(reader, toEdit, input, context);
}

export async function grantsAreConsumedForWhatTheyWereGiven() {
  await consumeGrant(tx, toEdit, "customer.edit", null);
  // @ts-expect-error: a grant to view doesn't pay for an edit
  await consumeGrant(tx, toView, "customer.edit", null);
  // @ts-expect-error: a name that the grant doesn't have
  await consumeGrant<"customer.edit">(tx, toEdit, "contract.view", null);
  // @ts-expect-error: a plain object
  await consumeGrant(tx, {}, "customer.edit", null);
  // @ts-expect-error: a forgotten record is not "no record"
  await consumeGrant(tx, toEdit, "customer.edit");
  // @ts-expect-error: a grant can't be written down by hand
  const forged: Grant<"customer.edit"> = { grantOf: "customer.edit" };
  return forged;
}

declare const reader: Reader;

export async function readersReadAndNothingElse() {
  await reader.select({ id: people.id }).from(people);
  // @ts-expect-error
  await reader.insert(people).values([]);
  // @ts-expect-error
  await reader.update(customers).set({ name: "Acme" });
  // @ts-expect-error
  await reader.delete(customers);
  // @ts-expect-error
  await reader.execute("delete from customers");
  // @ts-expect-error
  await reader.transaction(async () => {});
  // @ts-expect-error
  reader.query;
  // @ts-expect-error: nor become a transaction by assignment
  const writable: Tx = reader;
  return writable;
}

const { "customer.edit": _one, ...without } = protectedActions;

export const everyActionHasARow = [
  protectedActions satisfies Record<ActionName, Requirement>,
  // @ts-expect-error: customer.edit has no row
  without satisfies Record<ActionName, Requirement>,
];

const { binding: _two, ...unbound } = signedIn;

export const aRowSaysAllOfIt = [
  signedIn satisfies Requirement,
  // @ts-expect-error: a requirement without its binding
  unbound satisfies Requirement,
];

const act = {
  input: editCustomer.input,
  subject: editCustomer.subject,
  record: editCustomer.record,
  prompt: editCustomer.prompt,
};

export const anActOutsideTheTable = defineCommand({
  ...act,
  // @ts-expect-error: no row of the table has this name
  name: "customer.delete",
  run: async () => ({ data: null }),
});

export const anActOfAnotherName = defineCommand({
  ...act,
  name: "contract.view",
  async run(tx, grant) {
    // @ts-expect-error: the command's own grant has the command's own name
    await consumeGrant<"customer.edit">(tx, grant, "customer.edit", null);
    return { data: null };
  },
});

export function everyAnswerHandled(result: ActionResult<null>): string {
  switch (result.status) {
    case "done":
    case "step-up-required":
    case "proof-rejected":
    case "rate-limited":
    case "enrolment-required":
    case "invalid":
    case "conflict":
    case "forbidden":
    case "session-renewed":
    case "signed-out":
    case "failed":
      return result.status;
  }
}

// @ts-expect-error: a client that forgets one answer
export function oneAnswerForgotten(result: ActionResult<null>): string {
  switch (result.status) {
    case "done":
    case "step-up-required":
    case "proof-rejected":
    case "rate-limited":
    case "enrolment-required":
    case "invalid":
    case "conflict":
    case "forbidden":
    case "session-renewed":
    case "signed-out":
      return result.status;
  }
}

export function dataOnlyWhenDone(result: ActionResult<{ iban: string }>): string {
  // @ts-expect-error: a refusal has no data
  return result.data.iban;
}
