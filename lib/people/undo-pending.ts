import type { Reader, Tx } from "@/db/client";
import { waitsForTurnOf } from "@/db/turn";
import { outdateApprovals } from "@/lib/approvals/outdate";
import { readRequestsOf, requestsWords } from "@/lib/approvals/requests-of";
import type { PromptChange } from "@/lib/step-up/prompt";
import { takeInvitationTurn } from "./invitation";
import { invitationsWords } from "./leaving";
import { countInvitationsBy, settleInvitations } from "./open-invitations";

/** What an account had set going, and what is over now. */
export type Undone = { approvals: number; invitations: number };

/**
 * Whoever had an account may not have been its owner: what it asked other administrators for is over, and whom it
 * invited, or approved as an administrator, stays outside. Else a thief's request would be granted a week after the
 * thief was locked out. `by`: who found out; null: the operator's link.
 */
export async function undoPending(tx: Tx, personId: string, by: string | null): Promise<Undone> {
  const approvals = await outdateApprovals(tx, { askedBy: personId }, "asker-in-doubt", by);
  const { takenBack } = await settleInvitations(tx, personId, { to: personId, fate: "take-back" });
  return { approvals, invitations: takenBack };
}

/** The same before it is done, for whoever confirms it. */
export async function pendingWords(
  read: Reader,
  account: { id: string; name: string },
): Promise<PromptChange[]> {
  return [
    ...requestsWords(account, await readRequestsOf(read, account.id)),
    ...invitationsWords(account.name, await countInvitationsBy(read, account.id, "take-back")),
  ];
}

/**
 * What is being asked or sent at this moment is seen, or finds its session ended. Before any row is locked: who
 * administers takes these turns first as well.
 */
export async function takeTurnsToUndo(tx: Tx): Promise<void> {
  await waitsForTurnOf(tx, "administer");
  await takeInvitationTurn(tx);
}

/** For mails: what was taken back, as a sentence with a space before it; nothing where there was nothing. */
export function undoneWords({ approvals, invitations }: Undone): string {
  const parts = [counted(approvals, "request for approval"), counted(invitations, "open invitation")];
  const some = parts.filter((part) => part !== null);
  return some.length === 0 ? "" : ` Taken back as well: ${some.join(" and ")} of theirs.`;
}

function counted(count: number, what: string): string | null {
  return count === 0 ? null : `${count} ${what}${count === 1 ? "" : "s"}`;
}
