import { and, count, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Reader, Tx } from "@/db/client";
import { people } from "@/db/schema/people";
import { authenticators, recoveryCodes } from "@/db/schema/step-up";
import type { ApprovalKind, HandedOver } from "@/lib/approvals/approval-kind";
import { openLink, revokeLinks } from "@/lib/links/links";
import { noticeTo } from "@/lib/notices/outbox";
import { environment } from "@/lib/platform/env";
import { demandSecondFactor } from "@/lib/security/deadline/demand";
import { cancelPending } from "@/lib/security/email/change-email";
import { removeAllFactors } from "@/lib/security/remove-all-factors";
import { endAllSessions } from "@/lib/session/end-all-sessions";
import { forgetDevices } from "@/lib/session/forget-devices";
import { takeTurn } from "@/lib/step-up/attempts";
import type { Prompt } from "@/lib/step-up/prompt";
import { Invalid } from "@/lib/step-up/refusal";
import { answerRequests } from "./answer-requests";
import { emailAddress } from "./email-address";
import { takeInvitationTurn } from "./invitation";
import { isTaken } from "./is-taken";
import { type Account, lockAccount, readAccount } from "./read-subject";
import { pendingWords, undoPending } from "./undo-pending";

/** How long the person has to set up a new second factor. */
export const setUpHours = 24;

export const resetInput = z.strictObject({
  personId: z.uuid(),
  /** Of an account that "This wasn't me" closed: where its owner is reached from now on. */
  email: emailAddress.nullable(),
});
export type ResetInput = z.infer<typeof resetInput>;

/**
 * Takes away all of a person's factors, ends their sessions, and sends them a link with which they set up a new one.
 * Also the way back into an account that "This wasn't me" closed: its address may be the thief's.
 */
export const resetFactors: ApprovalKind<ResetInput> = {
  name: "reset-factors",
  input: resetInput,
  subject: ({ personId }) => personId,
  target: ({ personId }) => personId,
  async words(read, { personId, email }) {
    const account = await readAccount(read, personId);
    if (!account || !isResettable(account, email)) return null;
    if (email !== null && (await isTaken(read, email, account.id))) return null;
    return resetWords(read, account, email);
  },
  async run(tx, { personId, email }, { askedBy, approvedBy }) {
    // Of an administrator's account: the approval has its turn already. Before the account is locked, whose own
    // invitation at this moment would wait for it.
    await takeInvitationTurn(tx);
    // One change of factors at a time: an enrolment that runs beside this is seen, or finds its session ended.
    await takeTurn(tx, personId);
    const account = await lockAccount(tx, personId);
    const undone = await undoPending(tx, personId, approvedBy.id);
    const removed = await removeAllFactors(tx, personId);
    const ended = await endAllSessions(tx, personId, "factors-reset");
    await forgetDevices(tx, personId);
    for (const purpose of ["reset-password", "set-up-factor"] as const)
      await revokeLinks(tx, purpose, personId);
    await cancelPending(tx, personId);
    const reached = email === null ? account : await reopen(tx, account, email);
    await answerRequests(tx, personId, approvedBy.id);
    await demandSecondFactor(tx, personId);
    const links = await sendSetUp(tx, reached, askedBy);
    return {
      detail: {
        makes: "new-factors",
        removed,
        ended,
        undone,
        ...(email === null ? {} : { reopened: email }),
      },
      links: environment().smtpUrl ? [] : links,
    };
  },
};

/** A disabled account is enabled first; a closed one gets another address, and no other one does. */
function isResettable(account: Account, email: string | null): boolean {
  return account.closedBy === "owner" ? email !== null : !account.disabled && email === null;
}

async function resetWords(read: Reader, account: Account, email: string | null): Promise<Prompt> {
  const own = await read
    .select({ name: authenticators.name })
    .from(authenticators)
    .where(and(eq(authenticators.userId, account.id), isNull(authenticators.removedAt)))
    .orderBy(authenticators.createdAt);
  const [codes] = await read
    .select({ left: count() })
    .from(recoveryCodes)
    .where(
      and(
        eq(recoveryCodes.userId, account.id),
        isNull(recoveryCodes.usedAt),
        isNull(recoveryCodes.revokedAt),
      ),
    );
  const names = own.map(({ name }) => name).join(", ");
  return {
    purpose: `to reset the second factors of ${account.name}`,
    verb: "Reset",
    changes: [
      email === null
        ? { label: "Account", from: null, to: account.email }
        : { label: "Account", from: `${account.email}, closed`, to: `${email}, open` },
      { label: "Authenticators", from: names || "none", to: "none" },
      ...(codes && codes.left > 0 ? [{ label: "Recovery codes", from: String(codes.left), to: "none" }] : []),
      ...(account.passwordLocked
        ? [{ label: "Password", from: "locked by “This wasn't me”", to: "chosen anew, by a link" }]
        : []),
      ...(await pendingWords(read, account)),
    ],
  };
}

/** Opens the account under the address at which its owner was found. The password stays locked until it is reset. */
async function reopen(tx: Tx, account: Account, email: string): Promise<Account> {
  if (await isTaken(tx, email, account.id))
    throw new Invalid({}, "Somebody else has an account with this address by now.");
  await tx
    .update(people)
    .set({ email, disabledAt: null, closedBy: null, version: sql`${people.version} + 1` })
    .where(eq(people.id, account.id));
  return { ...account, email, disabled: false, closedBy: null };
}

/**
 * Tells the person at once, with the link that lets them set up a new second factor. It needs their password besides:
 * whoever hands it over, or reads the mail, binds nothing with the link alone. A locked password is chosen anew first.
 */
async function sendSetUp(tx: Tx, account: Account, askedBy: { name: string }): Promise<HandedOver[]> {
  const lifetimeMinutes = setUpHours * 60;
  const personId = account.id;
  const setUp = await openLink(tx, { purpose: "set-up-factor", personId, lifetimeMinutes });
  const password = account.passwordLocked
    ? await openLink(tx, { purpose: "reset-password", personId, lifetimeMinutes })
    : null;
  const first = password ? `First choose a new password; this link works once:\n\n${password.url}\n\n` : "";
  await noticeTo(
    tx,
    account,
    {
      kind: "factors-reset",
      subject: "Your second factors were reset",
      body: `${askedBy.name} asked for it, and a second administrator approved: your authenticators and recovery codes were removed, and you were signed out everywhere.

${first}Set up a new second factor with this link and your password. It works once, within ${setUpHours} hours:

${setUp.url}

For its first 24 hours the new one confirms no bank details, exports or administrative work.`,
    },
    { did: "factors-reset" },
  );
  return [
    ...(password ? [{ label: `First, for a new password of ${account.name}`, url: password.url }] : []),
    { label: `For a new second factor of ${account.name}`, url: setUp.url },
  ];
}
