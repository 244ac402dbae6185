import type { SQL } from "drizzle-orm";
import type { Database, Reader, Tx } from "@/db/client";
import type { Signed } from "@/db/schema/step-up";
import type { KeyRing } from "@/lib/platform/key-ring";
import type { Registry } from "./factors/registry";
import type { SessionFacts } from "./facts";
import type { Requirement } from "./requirement";

/** One decision, for the audit log (design § 7). */
export type AuditEntry<Person> = {
  facts: SessionFacts<Person>;
  action: string;
  outcome: "allowed" | "refused" | "cancelled" | "failed";
  record: { type: string; id: string } | null;
  digest: string | null;
  factor: string | null;
  authenticatorId: string | null;
  detail: Record<string, unknown>;
  /** What it tells of people: to be kept so that it can be erased. */
  personal?: Personal | undefined;
  /** Of an input-bound act: the text under the digest, and what a passkey signed of it. */
  confirmed?: Confirmed | undefined;
};

export type Personal = { changes?: { field: string; from: string; to: string }[]; name?: string };

export type Confirmed = {
  /** RFC 8785 JSON: `digest` is its SHA-256. */
  content: string;
  signed: Signed | null;
};

/** A new session secret on its way to the cookie; the session has `maxAgeSeconds` left by the database's clock. */
export type Rotation = { sessionId: string; secret: string; maxAgeSeconds: number };

/** All that the layer needs of an app. lib/define-action.ts plugs this app's parts in. */
export type Ports<Person> = {
  database(): Promise<{ database: Database; reader: Reader }>;
  session: {
    /**
     * Reads cookie → session, user, evidence, policy in ONE query; null without a living session. "held": there is one,
     * which doesn't open this action yet, because its sign-in waits for a second factor.
     */
    read(action: string): Promise<SessionFacts<Person> | "held" | null>;
    /** Compare-and-set of the presented secret; null when another rotation won: then no cookie is set. */
    rotate(tx: Tx, facts: SessionFacts<Person>): Promise<Rotation | null>;
    /** Sets the cookie, after the rotation is committed. */
    deliver(rotation: Rotation): Promise<void>;
    /** Gives the browser another device value, after the command that made it is committed. */
    deliverDevice(value: string): Promise<void>;
    /** SQL that is true while the session is alive and at this lock epoch. */
    holds(facts: SessionFacts<Person>): SQL<boolean>;
  };
  /** Whether the request's Origin and Host are this app's (threats.md 2). */
  originAllowed(): Promise<boolean>;
  requirementOf(action: string, facts: SessionFacts<Person>): Requirement;
  audit: { record(tx: Tx, entry: AuditEntry<Person>): Promise<void> };
  factors: Registry;
  keys: KeyRing;
  /** Diagnostic log of an unexpected failure; must not write input or answers. */
  onFailure(reference: string, action: string, error: unknown): void;
};
