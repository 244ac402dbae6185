import { z } from "zod";
import type { Reader } from "@/db/client";
import { mayAdminister } from "@/lib/access/access";
import { askForApproval, reason, takeAdministrationTurn } from "@/lib/approvals/ask";
import { defineCommand } from "@/lib/command";
import { consumeGrant } from "@/lib/step-up/grant";
import { Invalid } from "@/lib/step-up/refusal";
import { emailAddress } from "./email-address";
import { isTaken } from "./is-taken";
import { type Account, readAccount } from "./read-subject";
import { resetFactors } from "./reset-factors";

/**
 * Asks a second administrator to approve that a person's factors are reset (threats.md 20). Never one's own; nothing
 * changes until it is approved.
 */
export const askToReset = defineCommand({
  name: "admin.reset-factors",
  input: z.strictObject({ personId: z.uuid(), email: emailAddress.nullable().default(null), reason }),
  async subject(read, person, { personId, email }) {
    if (!mayAdminister(person) || personId === person.id) return null;
    const account = await readAccount(read, personId);
    if (!account) return null;
    await requireWay(read, account, email);
    const words = await resetFactors.words(read, { personId, email });
    return words && { account, words };
  },
  names: ({ personId }) => ({ type: "person", id: personId }),
  record: ({ account }) => ({ type: "person", id: account.id, version: account.version }),
  prompt: ({ words }, { reason }) => ({
    purpose: words.purpose.replace("to reset", "to ask for a reset of"),
    verb: "Ask",
    changes: [...words.changes, { label: "Reason", from: null, to: reason }],
  }),
  async run(tx, grant, { personId, email, reason }, { person }) {
    // First of all: whoever is locked out at this moment asks for nothing any more.
    await takeAdministrationTurn(tx, person);
    await consumeGrant(tx, grant, "admin.reset-factors", personId);
    const ask = { input: { personId, email }, reason, askedBy: person };
    const { approvalId } = await askForApproval(tx, resetFactors, ask);
    return { data: { approvalId }, detail: { step: "asked", approval: approvalId, reason } };
  },
});

/** Throws Invalid in words where another way, or another address, comes first. */
async function requireWay(read: Reader, account: Account, email: string | null): Promise<void> {
  if (account.closedBy === "owner") {
    if (email === null || email === account.email)
      throw new Invalid({
        email: "Their address may be somebody else's: enter the one at which you reached them.",
      });
    if (await isTaken(read, email, account.id))
      throw new Invalid({ email: "Somebody else has an account with this address." });
    return;
  }
  if (account.disabled) throw new Invalid({}, "This account is disabled. Enable it first.");
  if (email !== null) throw new Invalid({ email: "Their address is only changed where they had it closed." });
}
