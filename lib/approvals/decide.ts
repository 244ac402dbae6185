import { and, eq, gt, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Reader, Tx } from "@/db/client";
import { type ApprovalOutcome, approvals } from "@/db/schema/approvals";
import { mayAdminister } from "@/lib/access/access";
import { defineCommand } from "@/lib/command";
import { mailTo } from "@/lib/notices/outbox";
import type { Person } from "@/lib/people/person";
import { consumeGrant } from "@/lib/step-up/grant";
import type { Prompt } from "@/lib/step-up/prompt";
import { Forbidden, Invalid } from "@/lib/step-up/refusal";
import { deedOf, type HandedOver } from "./approval-kind";
import { excludedWords } from "./approvers";
import { reason as reasonLine, takeAdministrationTurn } from "./ask";
import { excludedFrom, type OpenRequest, readOpenRequest } from "./read";

type Subject = { open: OpenRequest; words: Prompt };

const named = (id: string) => ({ type: "approval", id });

/**
 * Approves what another administrator asked for, and makes the change. The proof is for exactly the words that were
 * shown: whom it changes, how, who asks and why. Who may approve is looked at again in the transaction of the change.
 */
export const approve = defineCommand({
  name: "admin.approve",
  input: z.strictObject({ approvalId: z.uuid() }),
  async subject(read, person, { approvalId }) {
    const subject = await readSubject(read, person, approvalId);
    return subject && (await excludedFrom(read, person.id, subject.open)) === null ? subject : null;
  },
  names: ({ approvalId }) => named(approvalId),
  record: ({ open }) => ({ type: "approval", id: open.id, version: null }),
  prompt: ({ open, words }) => ({
    purpose: words.purpose,
    verb: "Approve",
    changes: [
      ...words.changes,
      { label: "Asked for by", from: null, to: `${open.askedBy.name} (${open.askedBy.email})` },
      { label: "Reason", from: null, to: open.reason },
    ],
  }),
  async run(tx, grant, { approvalId }, { person, subject }) {
    await takeAdministrationTurn(tx, person);
    await consumeGrant(tx, grant, "admin.approve", approvalId);
    const open = await settle(tx, approvalId, person, "approved");
    const excluded = await excludedFrom(tx, person.id, open);
    if (excluded) throw new Forbidden(excludedWords[excluded]);
    // What the person confirmed is what is done.
    if (JSON.stringify(await open.request.words(tx)) !== JSON.stringify(subject.words))
      throw new Invalid({}, "What this would change has changed in the meantime. Reload the page.");
    const { askedBy, reason, request, kind } = open;
    const { detail, links = [] } = await request.run(tx, { approvalId, askedBy, approvedBy: person, reason });
    await tellAsker(tx, subject, `${person.name} approved what you asked for. It has been applied.`);
    const data: { links: HandedOver[] } = { links };
    return {
      data,
      about: about(open),
      detail: { step: "approved", kind, approval: approvalId, askedBy: askedBy.id, reason, ...detail },
    };
  },
});

/** Declines it, with a reason for who asked. Whoever it is about may not decide that either. */
export const decline = defineCommand({
  name: "admin.approve",
  input: z.strictObject({ approvalId: z.uuid(), reason: reasonLine }),
  async subject(read, person, { approvalId }) {
    const subject = await readSubject(read, person, approvalId);
    return subject && (await excludedFrom(read, person.id, subject.open)) === null ? subject : null;
  },
  names: ({ approvalId }) => named(approvalId),
  record: ({ open }) => ({ type: "approval", id: open.id, version: null }),
  prompt: ({ open, words }, { reason }) => ({
    purpose: `to decline what ${open.askedBy.name} asks for: ${deedOf(words)}`,
    verb: "Decline",
    changes: [{ label: "Reason", from: null, to: reason }],
  }),
  async run(tx, grant, { approvalId, reason }, { person, subject }) {
    await takeAdministrationTurn(tx, person);
    await consumeGrant(tx, grant, "admin.approve", approvalId);
    const open = await settle(tx, approvalId, person, "declined");
    const excluded = await excludedFrom(tx, person.id, open);
    if (excluded) throw new Forbidden(excludedWords[excluded]);
    await tellAsker(
      tx,
      subject,
      `${person.name} declined what you asked for; nothing was changed. Reason given: ${reason}`,
    );
    return {
      data: null,
      about: about(open),
      detail: { step: "declined", kind: open.kind, approval: open.id, askedBy: open.askedBy.id, reason },
    };
  },
});

/** Takes one's own request back. */
export const withdraw = defineCommand({
  name: "admin.approve",
  input: z.strictObject({ approvalId: z.uuid() }),
  async subject(read, person, { approvalId }) {
    const subject = await readSubject(read, person, approvalId);
    return subject?.open.askedBy.id === person.id ? subject : null;
  },
  names: ({ approvalId }) => named(approvalId),
  record: ({ open }) => ({ type: "approval", id: open.id, version: null }),
  prompt: ({ words }) => ({
    purpose: `to withdraw your request: ${deedOf(words)}`,
    verb: "Withdraw",
    changes: [],
  }),
  async run(tx, grant, { approvalId }, { person }) {
    await takeAdministrationTurn(tx, person);
    await consumeGrant(tx, grant, "admin.approve", approvalId);
    const open = await settle(tx, approvalId, person, "withdrawn");
    return {
      data: null,
      about: about(open),
      detail: { step: "withdrawn", kind: open.kind, approval: open.id },
    };
  },
});

/** What the row tells of: the person, where it is about one. */
function about({ id, request: { target } }: OpenRequest) {
  return target ? { type: "person", id: target } : named(id);
}

async function readSubject(read: Reader, person: Person, approvalId: string): Promise<Subject | null> {
  const open = mayAdminister(person) ? await readOpenRequest(read, approvalId) : null;
  const words = await open?.request.words(read);
  return open && words ? { open, words } : null;
}

/** Ends a request: of any number of decisions at once, one does. Throws Invalid in words for the others. */
async function settle(tx: Tx, id: string, by: Person, outcome: ApprovalOutcome): Promise<OpenRequest> {
  // Read before it is settled: who asked must be an administrator still.
  const open = await readOpenRequest(tx, id);
  const settled = await tx
    .update(approvals)
    .set({ outcome, decidedBy: by.id, decidedAt: sql`now()` })
    .where(and(eq(approvals.id, id), isNull(approvals.outcome), gt(approvals.expiresAt, sql`now()`)))
    .returning({ id: approvals.id });
  if (open && settled.length === 1) return open;
  throw new Invalid({}, "This was decided, withdrawn or ran out in the meantime. Reload the page.");
}

async function tellAsker(tx: Tx, { open, words }: Subject, what: string): Promise<void> {
  const { id, email } = open.askedBy;
  await mailTo(
    tx,
    { personId: id, email },
    {
      kind: "approval-decided",
      subject: `Decided: ${deedOf(words)}`,
      body: `${what}\n\nYou had asked: ${deedOf(words)}. Your reason: ${open.reason}`,
    },
  );
}
