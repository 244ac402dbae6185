import { and, eq, gt, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { approvals } from "@/db/schema/approvals";
import { people } from "@/db/schema/people";
import { waitsForTurnOf } from "@/db/turn";
import { isTrusted, mailAdministrators } from "@/lib/people/administrators";
import type { Person } from "@/lib/people/person";
import { environment } from "@/lib/platform/env";
import { line } from "@/lib/platform/line";
import { Forbidden, Invalid } from "@/lib/step-up/refusal";
import { type ApprovalKind, type ApprovalKindName, deedOf } from "./approval-kind";
import { nobodyFor, nobodyWords, readApprovers } from "./approvers";
import { outdateApprovals } from "./outdate";
import { readOpenRequest } from "./read";

/** How long a request waits; then it is asked for anew. */
export const approvalDays = 7;

/** So many requests of one administrator are open at most. */
export const mostOpen = 20;

/** What the second administrator reads, and the log keeps. */
export const reason = line("The reason", 500).min(10, "Give a reason of at least 10 characters.");

/**
 * One at a time changes who administers, asks or decides: what a check saw is still so when its change is made. Throws
 * Forbidden where whoever acts was turned out while they waited for their turn.
 */
export async function takeAdministrationTurn(tx: Tx, by: Pick<Person, "id">): Promise<void> {
  await waitsForTurnOf(tx, "administer");
  const [still] = await tx
    .select({ id: people.id })
    .from(people)
    .where(and(eq(people.id, by.id), eq(people.role, "administrator"), isTrusted()));
  if (!still) throw new Forbidden("You are no longer an administrator.");
}

/**
 * Asks a second administrator for a change, and tells all of them. Throws Forbidden to the one it is about, and Invalid
 * in words where a request of this kind is open for the subject, where it can't be done, and where nobody could approve.
 */
export async function askForApproval<Input>(
  tx: Tx,
  kind: ApprovalKind<Input>,
  ask: { input: Input; reason: string; askedBy: Person },
): Promise<{ approvalId: string }> {
  const { input, reason, askedBy } = ask;
  await takeAdministrationTurn(tx, askedBy);
  const target = kind.target(input);
  if (target === askedBy.id) throw new Forbidden("Not for yourself: another administrator asks for it.");
  const words = await kind.words(tx, input);
  if (!words) throw new Invalid({}, "This can no longer be done. Reload the page.");
  const approvers = await readApprovers(tx);
  const nobody = nobodyFor(approvers, kind.name, { askedBy: askedBy.id, target });
  if (nobody) throw new Invalid({}, nobodyWords(nobody));
  await requireFew(tx, askedBy.id);
  const approvalId = await open(tx, kind, ask);
  const body = `${askedBy.name} (${askedBy.email}) asks a second administrator to approve: ${deedOf(words)}.

Reason given: ${reason}

It waits ${approvalDays} days, on the page People: ${environment().origin}/admin/users. If this is not what you expect, talk to ${askedBy.name} before anything else.`;
  await mailAdministrators(tx, [askedBy.id], {
    kind: "approval-asked",
    subject: `${askedBy.name} asks for an approval`,
    body,
  });
  return { approvalId };
}

/** More than these would bury the others' requests. Throws Invalid in words. */
async function requireFew(tx: Tx, askedBy: string): Promise<void> {
  const theirs = and(
    eq(approvals.askedBy, askedBy),
    isNull(approvals.outcome),
    gt(approvals.expiresAt, sql`now()`),
  );
  if ((await tx.$count(approvals, theirs)) >= mostOpen)
    throw new Invalid({}, `You have ${mostOpen} open requests: withdraw one, or wait until one is decided.`);
}

async function open<Input>(
  tx: Tx,
  kind: ApprovalKind<Input>,
  { input, reason, askedBy }: { input: Input; reason: string; askedBy: Person },
): Promise<string> {
  const subject = kind.subject(input);
  await makeRoom(tx, kind.name, subject);
  const [asked] = await tx
    .insert(approvals)
    .values({
      kind: kind.name,
      subject,
      input,
      reason,
      askedBy: askedBy.id,
      expiresAt: sql`now() + make_interval(days => ${approvalDays})`,
    })
    .onConflictDoNothing()
    .returning({ id: approvals.id });
  if (!asked) throw askedAlready();
  return asked.id;
}

/**
 * What ran out, can't be done any more, or was asked for by who administers no more stays as a row and makes room: it is
 * shown to nobody, and would keep everybody from asking anew. Throws Invalid where it still waits.
 */
async function makeRoom(tx: Tx, kind: ApprovalKindName, subject: string): Promise<void> {
  const [waiting] = await tx
    .select({ id: approvals.id })
    .from(approvals)
    .where(and(eq(approvals.kind, kind), eq(approvals.subject, subject), isNull(approvals.outcome)));
  if (!waiting) return;
  const open = await readOpenRequest(tx, waiting.id);
  if (await open?.request.words(tx)) throw askedAlready();
  await outdateApprovals(tx, { id: waiting.id }, open ? "impossible" : "ran-out", null);
}

function askedAlready(): Invalid {
  return new Invalid({}, "This was asked for already: it waits for a second administrator's approval.");
}
