import type { z } from "zod";
import type { Reader, Tx } from "@/db/client";
import type { Person } from "@/lib/people/person";
import type { Prompt } from "@/lib/step-up/prompt";

export const approvalKindNames = ["reset-factors", "make-administrator", "loosen-policy"] as const;
export type ApprovalKindName = (typeof approvalKindNames)[number];

/** Who took part in which request: who asked, as they are now, who approves, and why it was asked for. */
export type ApprovedBy = {
  approvalId: string;
  askedBy: { id: string; name: string; email: string };
  approvedBy: Person;
  reason: string;
};

/** What an approved change leaves: the audit row's detail, and links to hand over where no mail can be sent. */
export type RanApproved = { detail: Record<string, unknown>; links?: HandedOver[] };

/** A link that is shown this once, for an administrator to hand over. */
export type HandedOver = { label: string; url: string };

/** All there is to one change that takes a second administrator (threats.md 20). */
export type ApprovalKind<Input> = {
  name: ApprovalKindName;
  /** Strict, and its output is what is stored: parsed again, it is the same. */
  input: z.ZodType<Input>;
  /** Whom or what it changes, a person's id where it is a person: of one subject, one request of a kind is open. */
  subject(input: Input): string;
  /** The person who is changed: neither asks nor approves. */
  target(input: Input): string | null;
  /** What the second administrator confirms, built from the state now; null: it can't be done any more. */
  words(read: Reader, input: Input): Promise<Prompt | null>;
  /** The change, in the approving transaction. Refuses by throwing a Refusal: then the request stays open. */
  run(tx: Tx, input: Input, by: ApprovedBy): Promise<RanApproved>;
};

/** What is asked for, within a sentence: "reset the second factors of Theo". */
export function deedOf({ purpose }: Prompt): string {
  return purpose.replace(/^to /, "");
}

/** A kind as the rows of `approvals` use it: what a row holds is parsed first. */
export type StoredKind = {
  name: ApprovalKindName;
  /** What a stored input means; null: it is of a form that is no more. */
  read(stored: unknown): StoredRequest | null;
};

export type StoredRequest = {
  target: string | null;
  words(read: Reader): Promise<Prompt | null>;
  run(tx: Tx, by: ApprovedBy): Promise<RanApproved>;
};

/** Closes over a kind's input, so that all kinds stand in one table. */
export function storedKind<Input>(kind: ApprovalKind<Input>): StoredKind {
  return {
    name: kind.name,
    read(stored) {
      const parsed = kind.input.safeParse(stored);
      if (!parsed.success) return null;
      const input = parsed.data;
      return {
        target: kind.target(input),
        words: (read) => kind.words(read, input),
        run: (tx, by) => kind.run(tx, input, by),
      };
    },
  };
}
