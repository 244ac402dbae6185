import { and, asc, eq, gt, isNull, type SQL, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { approvals } from "@/db/schema/approvals";
import { people } from "@/db/schema/people";
import { mayAdminister } from "@/lib/access/access";
import { isTrusted } from "@/lib/people/administrators";
import type { Person } from "@/lib/people/person";
import type { Prompt } from "@/lib/step-up/prompt";
import type { StoredRequest } from "./approval-kind";
import { type Approvers, type Excluded, excludedWords, exclusionOf, readApprovers } from "./approvers";
import { kindOf } from "./kinds";

/** A request as a page shows it. */
export type OpenApproval = {
  id: string;
  kind: string;
  /** The person that it changes; null: a rule, or somebody who has no account yet. */
  target: string | null;
  askedBy: { id: string; name: string };
  words: Prompt;
  reason: string;
  askedAt: Date;
  expiresAt: Date;
  /** Theirs to withdraw. */
  mine: boolean;
  /** Why this administrator may not approve it; null: they may. */
  because: string | null;
};

/**
 * What waits for a second administrator, the longest first: few enough to be shown at once, because an administrator has
 * a number of open requests at most (ask.ts). For administrators; `target`: about this person alone.
 */
export async function readOpenApprovals(
  read: Reader,
  reader: Person,
  { target }: { target?: string } = {},
): Promise<OpenApproval[]> {
  if (!mayAdminister(reader)) return [];
  const which = target === undefined ? sql`true` : eq(approvals.subject, target);
  const rows = await selectOpen(read, which);
  if (rows.length === 0) return [];
  const approvers = await readApprovers(read);
  const shown = await Promise.all(rows.map((row) => shownTo(read, reader, row, approvers)));
  return shown.filter((one) => one !== null);
}

async function shownTo(
  read: Reader,
  reader: Person,
  row: OpenRequest,
  approvers: Approvers,
): Promise<OpenApproval | null> {
  const words = await row.request.words(read);
  if (!words) return null;
  const excluded = exclusionOf(approvers, reader.id, askOf(row));
  return {
    id: row.id,
    kind: row.kind,
    target: row.request.target,
    askedBy: { id: row.askedBy.id, name: row.askedBy.name },
    words,
    reason: row.reason,
    askedAt: row.askedAt,
    expiresAt: row.expiresAt,
    mine: row.askedBy.id === reader.id,
    because: excluded && excludedWords[excluded],
  };
}

/** Why this person may not approve it now; null: they may. */
export async function excludedFrom(
  read: Reader,
  personId: string,
  open: OpenRequest,
): Promise<Excluded | null> {
  return exclusionOf(await readApprovers(read), personId, askOf(open));
}

function askOf({ askedBy, request }: OpenRequest) {
  return { askedBy: askedBy.id, target: request.target };
}

export type OpenRequest = {
  id: string;
  kind: string;
  request: StoredRequest;
  reason: string;
  askedAt: Date;
  expiresAt: Date;
  askedBy: { id: string; name: string; email: string };
};

/** One that is open: not decided, not run out, and asked for by somebody who is still an administrator. */
export async function readOpenRequest(read: Reader, id: string): Promise<OpenRequest | null> {
  const [row] = await selectOpen(read, eq(approvals.id, id));
  return row ?? null;
}

async function selectOpen(read: Reader, which: SQL): Promise<OpenRequest[]> {
  const rows = await read
    .select({
      id: approvals.id,
      kind: approvals.kind,
      input: approvals.input,
      reason: approvals.reason,
      askedAt: approvals.askedAt,
      expiresAt: approvals.expiresAt,
      askedBy: { id: people.id, name: people.name, email: people.email },
    })
    .from(approvals)
    .innerJoin(people, eq(people.id, approvals.askedBy))
    .where(
      and(
        which,
        isNull(approvals.outcome),
        gt(approvals.expiresAt, sql`now()`),
        eq(people.role, "administrator"),
        isTrusted(),
      ),
    )
    .orderBy(asc(approvals.askedAt));
  return rows.flatMap(({ input, ...row }) => {
    const request = kindOf(row.kind)?.read(input);
    return request ? [{ ...row, request }] : [];
  });
}
