import { z } from "zod";
import { type ActionName, protectedActions } from "@/lib/protected-actions";
import type { SessionFacts } from "@/lib/step-up/facts";
import { policyRule, type Requirement, tighten } from "@/lib/step-up/requirement";

const rules = z.record(z.string(), policyRule);

/**
 * The requirement of an action in force now: the table's floor, tightened by the administrators' rules. Rules that
 * cannot be read refuse everything rather than fall back to the floor.
 */
export function requirementOf(action: string, facts: Pick<SessionFacts, "policyRules">): Requirement {
  if (!Object.hasOwn(protectedActions, action)) throw new Error(`There is no protected action ${action}`);
  const floor = protectedActions[action as ActionName];
  return tighten(floor, rules.parse(facts.policyRules)[action]);
}
