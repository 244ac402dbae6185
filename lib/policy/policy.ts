import type { Person } from "@/lib/people/person";
import { type ActionName, floorOf, protectedActions } from "@/lib/protected-actions";
import type { SessionFacts } from "@/lib/step-up/facts";
import { type Requirement, tighten, withoutFactors } from "@/lib/step-up/requirement";
import { isFactorOn, type PolicyDocument, policyDocument, switchableFactors } from "./document";

/** Who asks, and what the administrators said. */
type Asking = Pick<SessionFacts<Pick<Person, "role">>, "person" | "policy">;

/**
 * The requirement of an action in force now: the table's floor, tightened by the administrators' policy. A policy that
 * cannot be read refuses everything rather than fall back to the floor.
 */
export function requirementOf(action: string, { person, policy }: Asking): Requirement {
  return requirementUnder(policyDocument.parse(policy), action, person);
}

/** The same under a policy at hand: one that is in force, or one that somebody thinks of. */
export function requirementUnder(
  policy: PolicyDocument,
  action: string,
  person: Pick<Person, "role">,
): Requirement {
  if (!Object.hasOwn(protectedActions, action)) throw new Error(`There is no protected action ${action}`);
  const name = action as ActionName;
  const { roles, ...rule } = policy.actions[name] ?? {};
  const off = switchableFactors.filter((factor) => !isFactorOn(policy, factor));
  const requirement = withoutFactors(tighten(floorOf(name, person), rule), off);
  const closed = roles && !roles.includes(person.role) && requirement.asks === "proof";
  return closed ? { ...requirement, asks: "nobody" } : requirement;
}
