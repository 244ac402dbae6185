import { type Role, roles } from "@/db/schema/people";
import { comesTo } from "@/lib/access/work";
import { type ActionName, floorOf } from "@/lib/protected-actions";
import { factorWords } from "@/lib/step-up/factor-words";
import type { FactorName } from "@/lib/step-up/facts";
import type { Requirement } from "@/lib/step-up/requirement";
import { type PolicyDocument, switchableFactors } from "./document";
import { requirementUnder } from "./policy";
import { ageLabel, listed } from "./words";

/** What an action demands of one role in the end. Two demands that read alike as JSON let the same through. */
export type Demand = { role: Role; asks: "nobody" } | ({ role: Role } & Open);
type Open = Pick<Requirement, "factors" | "also" | "binding" | "maxAgeSeconds" | "probation"> & {
  asks: "session" | "proof";
};

/** What a policy demands at an action of each role that comes to it. */
export function demandsOf(policy: PolicyDocument, name: ActionName): Demand[] {
  return roles.filter((role) => comesTo(role, name)).map((role) => demandOf(policy, name, role));
}

function demandOf(policy: PolicyDocument, name: ActionName, role: Role): Demand {
  const { asks, factors, also, binding, maxAgeSeconds, probation } = requirementUnder(policy, name, { role });
  if (asks === "nobody") return { role, asks };
  // A proof for exactly this is used at once: it has no age.
  return {
    role,
    asks,
    factors,
    also,
    binding,
    maxAgeSeconds: binding === "input" ? 0 : maxAgeSeconds,
    probation,
  };
}

/** The same policy, were every factor on. */
export function withAllFactors(policy: PolicyDocument): PolicyDocument {
  return { ...policy, factors: Object.fromEntries(switchableFactors.map((factor) => [factor, true])) };
}

/** Whether any of these roles could confirm with this factor. */
export function accepts(demands: readonly Demand[], factor: FactorName): boolean {
  return demands.some((one) => one.asks === "proof" && [...one.factors, ...one.also].includes(factor));
}

/** Whether `after` lets anything through that `before` stops. */
export function isLooser(before: Demand, after: Demand): boolean {
  if (after.asks === "nobody" || before.asks === "session") return false;
  if (before.asks === "nobody") return true;
  return (
    [...after.factors, ...after.also].some(
      (factor) => ![...before.factors, ...before.also].includes(factor),
    ) ||
    (before.binding === "input" && after.binding === "session") ||
    (after.binding === "session" && after.maxAgeSeconds > before.maxAgeSeconds) ||
    (before.probation === "refused" && after.probation === "accepted")
  );
}

/** What is off, and which of it goes without saying. */
type Telling = { off: readonly FactorName[]; silent: readonly FactorName[] };

/** An action's demands in one line: all that a rule can change about them, so that no change reads like none. */
export function inWords(demands: readonly Demand[], name: ActionName, { off, silent }: Telling): string {
  const open = demands.flatMap((one) => (one.asks === "nobody" ? [] : [one]));
  const [first] = open;
  if (!first) return "nobody";
  const { factors, also, binding, maxAgeSeconds, probation } = first;
  const told = (list: readonly FactorName[]) =>
    list
      .filter((factor) => !silent.includes(factor))
      .map((factor) => `${factorWords[factor].label}${off.includes(factor) ? " (once switched on)" : ""}`);
  const floor = floorOf(name, first);
  return [
    [listed(told(factors)), ...told(also).map((one) => `or ${one}`)].join(" "),
    binding === "input" ? "for exactly this" : `within ${ageLabel(maxAgeSeconds)}`,
    ...(probation === "refused" && floor.probation === "accepted" ? ["not on probation"] : []),
    ...(open.length < demands.length ? [`${listed(open.map(({ role }) => role))} only`] : []),
  ].join(", ");
}
