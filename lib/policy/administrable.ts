import type { Reader } from "@/db/client";
import type { ActionName } from "@/lib/protected-actions";
import { Invalid } from "@/lib/step-up/refusal";
import type { PolicyDocument } from "./document";
import { problemsOf } from "./problems";
import { type Alike, canConfirm, haveSecondFactor, readAlike } from "./reach";
import { readPolicy } from "./versions";

/** Throws Invalid in words where a policy can't be put in force now (see `whyNot`). */
export async function requireAdministrable(read: Reader, document: PolicyDocument): Promise<void> {
  const { document: before } = await readPolicy(read);
  const reason = whyNot(before, document, await readAlike(read, { role: "administrator" }));
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
  if (ableTo(after, groups, "admin.change-policy", "trusted") === 0)
    return "No administrator could sign in and change the policy any more: this would lock all of you out.";
  // A locked password is no second pair of eyes today, and whoever has it approves again once it is reset.
  const areFewer = (["trusted", "people"] as const).some(
    (whom) =>
      ableTo(before, groups, "admin.approve", whom) >= 2 && ableTo(after, groups, "admin.approve", whom) < 2,
  );
  if (!areFewer) return null;
  return "Fewer than two administrators could approve anything any more: nothing could be loosened again. Let a second one set up what this asks for first.";
}

/** How many administrators get in, and could confirm this: those with a locked password left out, or not. */
function ableTo(
  policy: PolicyDocument,
  groups: readonly Alike[],
  name: ActionName,
  whom: "trusted" | "people",
): number {
  return groups
    .filter(({ role }) => role === "administrator")
    .filter((group) => getsIn(policy, group) && canConfirm(policy, group, name))
    .reduce((sum, group) => sum + group[whom], 0);
}

/** With their password: past what sign-in asks, and what their role must have at once (lib/session/hold.ts). */
function getsIn(policy: PolicyDocument, group: Alike): boolean {
  const overdue = policy.enrolment[group.role]?.graceDays === 0 && !haveSecondFactor(policy, group);
  return !overdue && canConfirm(policy, group, "session.finish-sign-in");
}
