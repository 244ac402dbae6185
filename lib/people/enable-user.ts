import { z } from "zod";
import type { Reader } from "@/db/client";
import { mayAdminister } from "@/lib/access/access";
import { askForApproval, takeAdministrationTurn } from "@/lib/approvals/ask";
import { defineCommand } from "@/lib/command";
import { line } from "@/lib/platform/line";
import { consumeGrant } from "@/lib/step-up/grant";
import { Invalid } from "@/lib/step-up/refusal";
import { hasRoomForAdministrator } from "./administrators";
import { administratorsChanged, type RoleChanged, requireReason } from "./change-role";
import { makeAdministrator } from "./make-administrator";
import { openAccount } from "./open-account";
import { type Account, readAccount, requireUnchanged } from "./read-subject";

/**
 * Opens a disabled account again, as it was. An administrator's is asked for like a new one, unless there is nobody to
 * ask: else an old account would be a way round the second administrator.
 */
export const enableUser = defineCommand({
  name: "admin.disable-user",
  input: z.strictObject({ personId: z.uuid(), reason: line("The reason", 500).default("") }),
  async subject(read, person, { personId, reason }) {
    if (!mayAdminister(person) || personId === person.id) return null;
    const account = await readAccount(read, personId);
    if (!account) return null;
    if (!account.disabled) throw new Invalid({}, "This account is open already.");
    if (account.closedBy === "owner")
      throw new Invalid({}, "“This wasn't me” closed this account: ask for a reset of its factors instead.");
    const asks = await asksFor(read, account);
    if (asks) requireReason(reason);
    return { account, asks };
  },
  names: ({ personId }) => ({ type: "person", id: personId }),
  record: ({ account }) => ({ type: "person", id: account.id, version: account.version }),
  prompt: ({ account, asks }, { reason }) => ({
    purpose: asks
      ? `to ask for ${account.name}'s account to be enabled`
      : `to enable the account of ${account.name}`,
    verb: asks ? "Ask" : "Enable",
    changes: [
      { label: "Account", from: `${account.email}, disabled`, to: "open" },
      ...(asks ? [{ label: "Reason", from: null, to: reason }] : []),
    ],
  }),
  async run(tx, grant, { personId, reason }, { person, subject: { account, asks } }) {
    await takeAdministrationTurn(tx, person);
    await consumeGrant(tx, grant, "admin.disable-user", account.id);
    await requireUnchanged(tx, account);
    if ((await asksFor(tx, account)) !== asks) throw administratorsChanged();
    const data: RoleChanged = { waits: asks };
    if (asks) {
      const ask = { input: { personId, customersTo: null }, reason, askedBy: person };
      const { approvalId } = await askForApproval(tx, makeAdministrator, ask);
      return { data, detail: { step: "asked", approval: approvalId, reason } };
    }
    await openAccount(tx, account, { by: person });
    // One who comes back by one administrator alone is tied to them, like one whom they made.
    const makes = account.role === "administrator" ? { makes: "administrator" } : {};
    return { data, detail: { step: "enabled", role: account.role, ...makes } };
  },
});

async function asksFor(read: Reader, { role }: Account): Promise<boolean> {
  return role === "administrator" && !(await hasRoomForAdministrator(read));
}
