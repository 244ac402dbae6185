import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/client";
import { helpRequests } from "@/db/schema/help-requests";
import { people } from "@/db/schema/people";
import { mayAdminister } from "@/lib/access/access";
import { takeAdministrationTurn } from "@/lib/approvals/ask";
import { outdateApprovals } from "@/lib/approvals/outdate";
import { defineCommand } from "@/lib/command";
import { handOverCustomers, readColleague } from "@/lib/customers/hand-over";
import { revokeLinks } from "@/lib/links/links";
import { mailTo } from "@/lib/notices/outbox";
import { cancelPending } from "@/lib/security/email/change-email";
import { endAllSessions } from "@/lib/session/end-all-sessions";
import { consumeGrant } from "@/lib/step-up/grant";
import { Invalid } from "@/lib/step-up/refusal";
import { readAdministrators } from "./administrators";
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
  }),
  async subject(read, person, { personId, customersTo }) {
    if (!mayAdminister(person) || personId === person.id) return null;
    const account = await readAccount(read, personId);
    if (!account) return null;
    if (account.disabled) throw new Invalid({}, "This account is disabled already.");
    return { account, leaving: await readLeaving(read, account, null, customersTo) };
  },
  names: ({ personId }) => ({ type: "person", id: personId }),
  record: ({ account }) => ({ type: "person", id: account.id, version: account.version }),
  prompt: ({ account, leaving }, { invitations }) => ({
    purpose: `to disable the account of ${account.name}`,
    verb: "Disable",
    changes: [
      { label: "Account", from: `${account.email}, open`, to: "disabled" },
      ...leavingWords(account, leaving, invitations),
    ],
  }),
  async run(tx, grant, input, { person, subject: { account } }) {
    await takeAdministrationTurn(tx, person);
    await consumeGrant(tx, grant, "admin.disable-user", account.id);
    await requireUnchanged(tx, account);
    await tx
      .update(people)
      .set({ disabledAt: sql`now()`, version: sql`${people.version} + 1` })
      .where(eq(people.id, account.id));
    const ended = await endAllSessions(tx, account.id, "disabled");
    await closeLinks(tx, account.id);
    const to = input.customersTo ? await readColleague(tx, input.customersTo) : null;
    if (input.customersTo && !to) throw new Invalid({ customersTo: "This colleague has left meanwhile." });
    const customers = await handOverCustomers(tx, { from: account.id, to, now: null });
    const fate = { to: person.id, fate: input.invitations };
    const invitations = await settleInvitations(tx, account.id, fate);
    const approvals = await outdateApprovals(tx, account.id);
    await resolveRequests(tx, account.id, person.id);
    await tell(tx, account, person);
    const handed = { customers, customersTo: input.customersTo, invitations, approvals };
    return { data: null, detail: { step: "disabled", role: account.role, ended, ...handed } };
  },
});

/** A way in that was mailed opens a closed account no more, whenever it is opened again. */
async function closeLinks(tx: Tx, personId: string): Promise<void> {
  for (const purpose of ["reset-password", "set-up-factor", "recovery"] as const)
    await revokeLinks(tx, purpose, personId);
  await cancelPending(tx, personId);
}

async function resolveRequests(tx: Tx, personId: string, resolvedBy: string): Promise<void> {
  await tx
    .update(helpRequests)
    .set({ resolvedAt: sql`now()`, resolvedBy })
    .where(and(eq(helpRequests.personId, personId), isNull(helpRequests.resolvedAt)));
}

/** That an administrator was turned out is the others' business, and at once. */
async function tell(tx: Tx, account: Account, by: Person): Promise<void> {
  const own = {
    kind: "account-disabled",
    subject: "Your Keyturn account was disabled",
    body: `${by.name} disabled it, and you were signed out everywhere. If you don't know why, ask ${by.name}.`,
  };
  await mailTo(tx, { personId: account.id, email: account.email }, own);
  if (account.role !== "administrator") return;
  const body = `${by.name} disabled the account of ${account.name} (${account.email}), who was an administrator. If this is not what you expect, talk to ${by.name}, and to whoever runs the host.`;
  for (const { id, email } of await readAdministrators(tx))
    if (id !== by.id)
      await mailTo(
        tx,
        { personId: id, email },
        { kind: "administrators-changed", subject: `${account.name} was disabled`, body },
      );
}
