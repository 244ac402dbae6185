import { z } from "zod";
import type { Person } from "@/lib/people/person";
import { type ActionName, floorOf, protectedActions } from "@/lib/protected-actions";
import type { SessionFacts } from "@/lib/step-up/facts";
import { policyRule, type Requirement, tighten } from "@/lib/step-up/requirement";

/** Who asks, and what the administrators said. */
type Asking = Pick<SessionFacts<Pick<Person, "role">>, "person" | "policyRules">;

/** A misspelled action is refused with the rest: read and passed over, its rule would tighten nothing. */
const rules = z.partialRecord(z.enum(Object.keys(protectedActions) as ActionName[]), policyRule);

/**
 * The requirement of an action in force now: the table's floor, tightened by the administrators' rules. Rules that
 * cannot be read refuse everything rather than fall back to the floor.
 */
export function requirementOf(action: string, facts: Asking): Requirement {
  if (!Object.hasOwn(protectedActions, action)) throw new Error(`There is no protected action ${action}`);
  const name = action as ActionName;
  const floor = floorOf(name, facts.person);
  return tighten(floor, rules.parse(facts.policyRules)[name]);
}
