import { z } from "zod";
import type { Reader } from "@/db/client";
import { mayAdminister } from "@/lib/access/access";
import { reason } from "@/lib/approvals/ask";
import { defineCommand } from "@/lib/command";
import type { Person } from "@/lib/people/person";
import { consumeGrant } from "@/lib/step-up/grant";
import { Invalid } from "@/lib/step-up/refusal";
import { requireAdministrable } from "./administrable";
import { type Difference, differences, loosens } from "./compare";
import { type PolicyDocument, policyDocument } from "./document";
import { type DryRun, dryRun } from "./dry-run";
import { requireTried } from "./factors/trial";
import { fingerprintOf } from "./fingerprint";
import { problemsOf } from "./problems";
import { putInForce, takePolicyTurn } from "./put-in-force";
import { requireApprover } from "./require-approver";
import { type CurrentPolicy, readPolicy, readVersion } from "./versions";

/** What an administrator wants in force instead. */
const draft = z.strictObject({ document: policyDocument });

export type Preview = {
  /** The draft as the server understood it. */
  document: PolicyDocument;
  changes: Difference[];
  /** Whether a second administrator has to approve it. */
  loosens: boolean;
  dryRun: DryRun;
};

/**
 * What a draft would change, and whom it would hit: looked at before it is saved, and changes nothing. What can't be put
 * in force is Invalid, in words.
 */
export const previewPolicy = defineCommand({
  name: "admin.preview-policy",
  input: draft,
  subject: async (read, person, { document }): Promise<Preview | null> =>
    mayAdminister(person) ? preview(read, await readPolicy(read), document) : null,
  record: () => null,
  prompt: () => ({ purpose: "to look at a policy", verb: "Look", changes: [] }),
  async run(tx, grant, _input, { subject }) {
    await consumeGrant(tx, grant, "admin.preview-policy", null);
    return { data: subject, tellsOf: null };
  },
});

async function preview(read: Reader, current: CurrentPolicy, document: PolicyDocument): Promise<Preview> {
  const problems = problemsOf(document);
  if (problems.length > 0) throw new Invalid({}, problems.join(" "));
  await requireAdministrable(read, document);
  const changes = differences(current.document, document);
  return {
    document,
    changes,
    loosens: loosens(changes),
    dryRun: await dryRun(read, current.document, document),
  };
}

type Wanted = { current: CurrentPolicy; changes: Difference[] };

/** The whole policy anew. What it loosens waits for a second administrator (threats.md 20). */
export const changePolicy = defineCommand({
  name: "admin.change-policy",
  /** `basedOn`: the version that its author saw; `restores`: the earlier one whose document this is once more. */
  input: draft.extend({ basedOn: z.int32().min(0), restores: z.int32().min(0).optional(), reason }),
  subject: async (read, person, { document, restores }) =>
    mayAdminister(person) ? requireChange(read, person, document, restores) : null,
  record: ({ current }) => ({ type: "policy", id: "policy", version: current.version }),
  prompt: ({ changes }, { reason, restores }) => ({
    purpose: restores === undefined ? "to change the policy" : `to restore version ${restores} of the policy`,
    verb: restores === undefined ? "Change the policy" : "Restore",
    changes: [...changes.map(told), { label: "Reason", from: null, to: reason }],
  }),
  async run(tx, grant, { document, basedOn, reason, restores = null }, { person }) {
    await takePolicyTurn(tx, person, basedOn);
    await consumeGrant(tx, grant, "admin.change-policy", "policy");
    return putInForce(tx, person, { document, basedOn, reason, restores });
  },
});

/** Throws Invalid, before anybody is asked for a proof, where it can't be put in force or changes nothing. */
async function requireChange(
  read: Reader,
  person: Person,
  document: PolicyDocument,
  restores?: number,
): Promise<Wanted> {
  const current = await readPolicy(read);
  await requireAdministrable(read, document);
  await requireTried(read, current.document, document);
  const changes = differences(current.document, document);
  if (changes.length === 0) throw new Invalid({}, "This is the policy that is in force already.");
  if (restores !== undefined) await requireSame(read, document, restores);
  await requireApprover(read, person, changes);
  return { current, changes };
}

/** History tells which version was restored: it must be that one. */
async function requireSame(read: Reader, document: PolicyDocument, version: number): Promise<void> {
  const earlier = await readVersion(read, version);
  if (!earlier || fingerprintOf(earlier) !== fingerprintOf(document))
    throw new Invalid({}, `This isn't what version ${version} says. Reload the page.`);
}

function told({ label, from, to }: Difference) {
  return { label, from, to };
}
