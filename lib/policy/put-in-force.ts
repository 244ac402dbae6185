import type { Tx } from "@/db/client";
import { askForApproval, takeAdministrationTurn } from "@/lib/approvals/ask";
import type { Person } from "@/lib/people/person";
import type { Ran } from "@/lib/step-up/command";
import { Conflict } from "@/lib/step-up/refusal";
import { requireAdministrable } from "./administrable";
import { differences, loosens } from "./compare";
import type { PolicyDocument } from "./document";
import { requireTried } from "./factors/trial";
import { fingerprintOf } from "./fingerprint";
import { loosenPolicy } from "./loosen-policy";
import { takeEffect } from "./take-effect";
import { type CurrentPolicy, readPolicy, writeVersion } from "./versions";

/** A change that its author has confirmed. */
export type Change = {
  document: PolicyDocument;
  basedOn: number;
  reason: string;
  restores?: number | null;
};

/** In force from now on, or waiting for a second administrator. */
export type Saved = { version: number } | { version: null; approvalId: string };

/**
 * One after the other changes the policy. Before the grant is spent: a request would else outlive the reset of its asker
 * that ended the session while it waited, and whoever was slower than a stricter version, which ends what is unlocked,
 * would hear of a spent grant. Throws Conflict to them.
 */
export async function takePolicyTurn(tx: Tx, person: Person, basedOn: number): Promise<CurrentPolicy> {
  await takeAdministrationTurn(tx, person);
  const current = await readPolicy(tx);
  if (current.version !== basedOn) throw new Conflict({ version: current.version });
  return current;
}

/**
 * Puts a confirmed change in force, or asks a second administrator where it loosens anything (threats.md 20). Throws
 * Conflict where somebody was quicker, and Invalid in words where nobody could administer any more.
 */
export async function putInForce(tx: Tx, person: Person, change: Change): Promise<Ran<Saved>> {
  // Who administers doesn't change between the check below and what it allows.
  const current = await takePolicyTurn(tx, person, change.basedOn);
  await requireAdministrable(tx, change.document);
  await requireTried(tx, current.document, change.document);
  const changes = differences(current.document, change.document);
  const { reason } = change;
  const sha256 = fingerprintOf(change.document);
  if (loosens(changes)) {
    const { approvalId } = await askForApproval(tx, loosenPolicy, {
      input: { restores: null, ...change },
      reason,
      askedBy: person,
    });
    return {
      data: { version: null, approvalId },
      detail: { step: "asked", approval: approvalId, reason, changes, sha256 },
    };
  }
  const version = await writeVersion(tx, { ...change, by: person.id });
  await takeEffect(tx, { by: person, version, reason, changes });
  return { data: { version }, detail: { step: "in-force", version, reason, changes, sha256 } };
}
