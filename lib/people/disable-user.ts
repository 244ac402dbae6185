import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/client";
import { people } from "@/db/schema/people";
import { mayAdminister } from "@/lib/access/access";
import { takeAdministrationTurn } from "@/lib/approvals/ask";
import { outdateApprovals } from "@/lib/approvals/outdate";
import { readRequestsOf, requestsWords } from "@/lib/approvals/requests-of";
import { defineCommand } from "@/lib/command";
import { handOverCustomers, readColleague } from "@/lib/customers/hand-over";
import { revokeLinks } from "@/lib/links/links";
import { mailTo } from "@/lib/notices/outbox";
import { line } from "@/lib/platform/line";
import { cancelPending } from "@/lib/security/email/change-email";
import { endAllSessions } from "@/lib/session/end-all-sessions";
import { consumeGrant } from "@/lib/step-up/grant";
import { Invalid } from "@/lib/step-up/refusal";
import { mailAdministrators } from "./administrators";
import { answerRequests } from "./answer-requests";
import { requireReason } from "./change-role";
import { takeInvitationTurn } from "./invitation";
import { leavingWords, readLeaving } from "./leaving";
import { invitationFates, settleInvitations } from "./open-invitations";
import type { Person } from "./person";
import { type Account, readAccount, requireUnchanged } from "./read-subject";

/**
 * Closes a colleague's account at once: sessions end, links stop working, and what they looked after is handed over or
 * taken back in the same confirmation. An administrator's too, without a second one: a stolen account must be stopped
 * by whoever is there (docs/decisions/018). Never one's own.
 */
export const disableUser = defineCommand({
  name: "admin.disable-user",
  input: z.strictObject({
    personId: z.uuid(),
    customersTo: z.uuid().nullable().default(null),
    invitations: z.enum(invitationFates).default("take-back"),
    /** For the other administrators, where it is one of them. */
    reason: line("The reason", 500).default(""),
  }),
  async subject(read, person, { personId, customersTo, invitations: fate, reason }) {
    if (!mayAdminister(person) || personId === person.id) return null;
    const account = await readAccount(read, personId);
    if (!account) return null;
    if (account.disabled) throw new Invalid({}, "This account is disabled already.");
    if (account.role === "administrator") requireReason(reason, "The other administrators are told why");
    const requests = await readRequestsOf(read, account.id);
    return { account, requests, leaving: await readLeaving(read, account, null, { customersTo, fate }) };
  },
  names: ({ personId }) => ({ type: "person", id: personId }),
  record: ({ account }) => ({ type: "person", id: account.id, version: account.version }),
  prompt: ({ account, leaving, requests }, { reason }) => ({
    purpose: `to disable the account of ${account.name}`,
    verb: "Disable",
    changes: [
      { label: "Account", from: `${account.email}, open`, to: "disabled" },
      ...leavingWords(account, leaving),
      ...requestsWords(account, requests),
      ...(account.role === "administrator" ? [{ label: "Reason", from: null, to: reason }] : []),
    ],
  }),
  async run(tx, grant, input, { person, subject: { account } }) {
    await takeAdministrationTurn(tx, person);
    // Before the account is locked, whose own invitation at this moment would wait for it.
    await takeInvitationTurn(tx);
    await consumeGrant(tx, grant, "admin.disable-user", account.id);
    await requireUnchanged(tx, account);
    await tx
      .update(people)
      .set({ disabledAt: sql`now()`, closedBy: "administrator", version: sql`${people.version} + 1` })
      .where(eq(people.id, account.id));
    const ended = await endAllSessions(tx, account.id, "disabled");
    await closeLinks(tx, account.id);
    const to = input.customersTo ? await readColleague(tx, input.customersTo) : null;
    if (input.customersTo && !to)
      throw new Invalid({ customersTo: "This colleague has left in the meantime." });
    const customers = await handOverCustomers(tx, { from: account.id, to, now: null });
    const fate = { to: person.id, fate: input.invitations };
    const invitations = await settleInvitations(tx, account.id, fate);
    const approvals = {
      theirs: await outdateApprovals(tx, { askedBy: account.id }, "asker-left", person.id),
      aboutThem: await outdateApprovals(tx, { about: account.id }, "account-disabled", person.id),
    };
    await answerRequests(tx, account.id, person.id);
    await tell(tx, account, person, input.reason);
    const handed = { customers, customersTo: input.customersTo, invitations, approvals };
    return {
      data: null,
      detail: {
        step: "disabled",
        role: account.role,
        ended,
        ...handed,
        ...(input.reason ? { reason: input.reason } : {}),
      },
    };
  },
});

/** A way in that was mailed opens a closed account no more, whenever it is opened again. */
async function closeLinks(tx: Tx, personId: string): Promise<void> {
  for (const purpose of ["reset-password", "set-up-factor", "recovery"] as const)
    await revokeLinks(tx, purpose, personId);
  await cancelPending(tx, personId);
}

/** That an administrator was turned out is the others' business, and at once. */
async function tell(tx: Tx, account: Account, by: Person, reason: string): Promise<void> {
  const own = {
    kind: "account-disabled",
    subject: "Your Keyturn account was disabled",
    body: `${by.name} disabled it, and you were signed out everywhere. If you don't know why, ask ${by.name}.`,
  };
  await mailTo(tx, { personId: account.id, email: account.email }, own);
  if (account.role !== "administrator") return;
  await mailAdministrators(tx, [by.id], {
    kind: "administrators-changed",
    subject: `${account.name} was disabled`,
    body: `${by.name} disabled the account of ${account.name} (${account.email}), who was an administrator. Reason given: ${reason}

If this is not what you expect, talk to ${by.name}, and to whoever runs the host.`,
  });
}
