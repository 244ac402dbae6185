import type { Reader } from "@/db/client";
import type { ActionName } from "@/lib/protected-actions";
import { Invalid } from "@/lib/step-up/refusal";
import type { PolicyDocument } from "./document";
import { problemsOf } from "./problems";
import { type Alike, canConfirm, readAlike } from "./reach";
import { readPolicy } from "./versions";

/** Throws Invalid in words where a policy can't be put in force now (see `whyNot`). */
export async function requireAdministrable(read: Reader, document: PolicyDocument): Promise<void> {
  const { document: before } = await readPolicy(read);
  const reason = whyNot(before, document, await readAlike(read));
  if (reason) throw new Invalid({}, reason);
}

/**
 * Why a policy can't be put in force while these people have what they have, in a sentence; null: it can. Not where it
 * can't be; where no administrator could sign in and change it any more; and where two could approve before and no two
 * could after: what was tightened would never be loosened again (threats.md 20).
 */
export function whyNot(
  before: PolicyDocument,
  after: PolicyDocument,
  groups: readonly Alike[],
): string | null {
  const [problem] = problemsOf(after);
  if (problem) return problem;
  if (ableTo(after, groups, "admin.change-policy") === 0)
    return "No administrator could sign in and change the policy any more: this would lock all of you out.";
  if (ableTo(after, groups, "admin.approve") >= 2 || ableTo(before, groups, "admin.approve") < 2) return null;
  return "Fewer than two administrators could approve anything any more: nothing could be loosened again. Let a second one set up what this asks for first.";
}

/** How many administrators get in, and could confirm this. */
function ableTo(policy: PolicyDocument, groups: readonly Alike[], name: ActionName): number {
  const needed: ActionName[] = ["session.finish-sign-in", name];
  return groups
    .filter(({ role }) => role === "administrator")
    .filter((group) => needed.every((one) => canConfirm(policy, group, one)))
    .reduce((sum, { people }) => sum + people, 0);
}
