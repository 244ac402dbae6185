import { z } from "zod";
import type { ApprovalKind } from "@/lib/approvals/approval-kind";
import { requireAdministrable } from "./administrable";
import { differences } from "./compare";
import { policyDocument } from "./document";
import { requireTried } from "./factors/trial";
import { fingerprintOf } from "./fingerprint";
import { requireAsked } from "./require-asked";
import { takeEffect } from "./take-effect";
import { readPolicy, writeVersion } from "./versions";

const input = z.strictObject({
  document: policyDocument,
  basedOn: z.int32().min(0),
  /** The request's own reason is what the second administrator reads, and what the version is kept with. */
  reason: z.string(),
  restores: z.int32().min(0).nullable(),
});

/** A policy that makes something easier: a second administrator puts it in force, or nobody (threats.md 20). */
export const loosenPolicy: ApprovalKind<z.infer<typeof input>> = {
  name: "loosen-policy",
  input,
  subject: () => "policy",
  target: () => null,
  async words(read, { document, basedOn }) {
    const current = await readPolicy(read);
    if (current.version !== basedOn) return null;
    const changes = differences(current.document, document);
    return {
      purpose: "to loosen the policy",
      verb: "Approve",
      changes: [
        ...changes.map(({ label, from, to }) => ({ label, from, to })),
        // The words tell what differs; this, that it is this document and no other that reads alike.
        { label: "Fingerprint of the whole policy (SHA-256)", from: null, to: fingerprintOf(document) },
      ],
    };
  },
  async run(tx, { document, basedOn, restores }, { approvalId, askedBy, approvedBy, reason }) {
    const current = await readPolicy(tx);
    const sha256 = fingerprintOf(document);
    await requireAsked(tx, { approvalId, askedBy: askedBy.id, sha256, basedOn, reason });
    await requireAdministrable(tx, document);
    // A request waits for days: what sends the codes must still work on the day that they go on.
    await requireTried(tx, current.document, document);
    const changes = differences(current.document, document);
    const by = { by: askedBy.id, approvedBy: approvedBy.id };
    const version = await writeVersion(tx, { document, basedOn, reason, restores, ...by });
    await takeEffect(tx, { by: askedBy, version, reason, changes });
    return { detail: { version, changes, sha256 } };
  },
};
