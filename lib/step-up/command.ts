import type { z } from "zod";
import type { Reader, Tx } from "@/db/client";
import type { FactorName, SessionFacts } from "./facts";
import type { Grant } from "./grant";
import type { Personal } from "./ports";
import type { Prompt } from "./prompt";

/** The record that an act is about, and the version of it that the person saw. */
export type RecordRef = { type: string; id: string; version: number | null };

export type RunContext<Person, Subject> = {
  person: Person;
  subject: Subject;
  facts: SessionFacts<Person>;
  /** The proof that the grant rests on; null where being signed in is enough. */
  evidenceId: string | null;
  /** The factor and authenticator of that proof. */
  factor: FactorName | null;
  authenticatorId: string | null;
  /** That proof came with this call and was given for exactly this, not earlier in the session for something else. */
  proved: boolean;
};

/** What a command gives back: the person's data, and what the audit row says of the change. */
export type Ran<Data> = {
  data: Data;
  /** An answer that is a no: the row says so, and what was written stays, a counted try above all (threats.md 9). */
  outcome?: "refused" | "cancelled";
  /** The act that the row tells of, where it is another one than this: a prompt's that was given up. null: no row. */
  tellsOf?: { action: string; digest: string } | null;
  detail?: Record<string, unknown>;
  /** What the row tells of people or customers: kept so that it can be erased. */
  personal?: Personal;
  /** The authenticator that the row is about where it is another than the one that confirmed it. */
  authenticatorId?: string;
  /** The browser's new device value: goes into its cookie once this is committed, and into no answer. */
  device?: string;
  /** What the audit row is about where that is known only afterwards: a record that was just created. */
  about?: { type: string; id: string };
};

/**
 * All there is to one act: its name, its input, the words of its prompt, and the change. `run` receives the
 * writable transaction only together with the grant, and must consume it (grant.ts).
 */
export type Command<Name extends string, Input, Subject, Data, Person> = {
  name: Name;
  input: z.ZodType<Input>;
  /**
   * Members of the input that may be guessable secrets (passwords). Digests are kept for years: over the bare text of
   * one they would let a reader of the database try passwords, so that it enters them under the server's key only.
   */
  secretInput?: readonly (keyof Input & string)[];
  /**
   * Reads what authorisation and prompt need. null: there is no such thing for this person. Throws Invalid for an
   * input that can't be right, before anybody is asked for a proof.
   */
  subject(read: Reader, person: Person, input: Input): Promise<Subject | null>;
  record(subject: Subject, input: Input): RecordRef | null;
  /** What a refusal is about where the person may not even read it: taken from the input alone. */
  names?(input: Input): { type: string; id: string };
  prompt(subject: Subject, input: Input): Prompt;
  run(tx: Tx, grant: Grant<Name>, input: Input, context: RunContext<Person, Subject>): Promise<Ran<Data>>;
  /** `on-proof`: a call that finds the session unlocked writes no row (an Edit click). Default: always. */
  audit?: "always" | "on-proof";
};
