import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { people } from "@/db/schema/people";
import { mayAdminister } from "@/lib/access/access";
import { askForApproval, takeAdministrationTurn } from "@/lib/approvals/ask";
import { defineCommand } from "@/lib/command";
import { mailTo } from "@/lib/notices/outbox";
import { line } from "@/lib/platform/line";
import { consumeGrant } from "@/lib/step-up/grant";
import { Invalid } from "@/lib/step-up/refusal";
import { type RoleChanged, requireReason } from "./change-role";
import { makeAdministrator } from "./make-administrator";
import { readAccount, requireUnchanged } from "./read-subject";
import { isClosedByOwner } from "./reset-factors";

/**
 * Opens a disabled account again, as it was. An administrator's is asked for like a new one: else an old account would
 * be a way round the second administrator.
 */
export const enableUser = defineCommand({
  name: "admin.disable-user",
  input: z.strictObject({ personId: z.uuid(), reason: line("The reason", 500).default("") }),
  async subject(read, person, { personId, reason }) {
    if (!mayAdminister(person) || personId === person.id) return null;
    const account = await readAccount(read, personId);
    if (!account) return null;
    if (!account.disabled) throw new Invalid({}, "This account is open already.");
    if (isClosedByOwner(account))
      throw new Invalid({}, "“This wasn't me” closed this account: ask for a reset of its factors instead.");
    const asks = account.role === "administrator";
    if (asks) requireReason(reason);
    return { account, asks };
  },
  names: ({ personId }) => ({ type: "person", id: personId }),
  record: ({ account }) => ({ type: "person", id: account.id, version: account.version }),
  prompt: ({ account, asks }, { reason }) => ({
    purpose: `to ${asks ? "ask that the account of" : "enable the account of"} ${account.name}${asks ? " is enabled" : ""}`,
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
    const data: RoleChanged = { waits: asks };
    if (asks) {
      const ask = { input: { personId, customersTo: null }, reason, askedBy: person };
      const { approvalId } = await askForApproval(tx, makeAdministrator, ask);
      return { data, detail: { step: "asked", approval: approvalId, reason } };
    }
    await tx
      .update(people)
      .set({ disabledAt: null, version: sql`${people.version} + 1` })
      .where(eq(people.id, account.id));
    await mailTo(
      tx,
      { personId: account.id, email: account.email },
      {
        kind: "account-enabled",
        subject: "Your Keyturn account is open again",
        body: `${person.name} enabled it. Your password and second factors are as they were.`,
      },
    );
    return { data, detail: { step: "enabled", role: account.role } };
  },
});
