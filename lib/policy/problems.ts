import { type Role, roles } from "@/db/schema/people";
import { comesTo, isWorkOf } from "@/lib/access/work";
import { type ActionName, floorOf, protectedActions } from "@/lib/protected-actions";
import type { ActionRule, PolicyDocument } from "./document";
import { requirementUnder } from "./policy";
import { labelOf } from "./words";

/** Read by a page under a proof of the session: a proof for one answer alone would show nothing. */
export const readByPages: readonly ActionName[] = [
  "contract.view",
  "customer.download-receipt",
  "admin.download-receipt",
];

/** A shorter age would run out while the page that it opened is read. */
const shortestAgeSeconds = 60;

const names = Object.keys(protectedActions) as ActionName[];

/**
 * Why a policy can't be put in force, each in a sentence; none: it can. Knows the rules alone: whom it would hit is
 * reach.ts's to say. A document never goes below a floor (requirement.ts); here it must not promise what can't be.
 */
export function problemsOf(policy: PolicyDocument): string[] {
  const ruled = names.flatMap((name) => {
    const rule = policy.actions[name];
    return rule ? ruleProblems(name, rule) : [];
  });
  return [...ruled, ...names.flatMap((name) => unsatisfiable(policy, name))];
}

function ruleProblems(name: ActionName, rule: ActionRule): string[] {
  const floor = floorOf(name, { role: "employee" });
  const label = labelOf(name);
  if (floor.asks === "session") return [`${label} asks for no proof, so that it has no rule.`];
  const beyond = rule.factors?.filter((factor) => !floor.factors.includes(factor)) ?? [];
  return [
    ...(beyond.length > 0 ? [`${label} never accepts ${beyond.join(", ")}.`] : []),
    ...(rule.binding === "input" && readByPages.includes(name)
      ? [`${label} can't be bound to one input: the page that it opens is read under a proof of the session.`]
      : []),
    ...(floor.binding === "session" &&
    rule.binding !== "input" &&
    rule.maxAgeSeconds !== undefined &&
    rule.maxAgeSeconds < shortestAgeSeconds
      ? [`${label} needs an age of at least ${shortestAgeSeconds} seconds.`]
      : []),
    ...(rule.maxAgeSeconds !== undefined && rule.maxAgeSeconds > floor.maxAgeSeconds
      ? [`${label} takes no proof that is older than ${floor.maxAgeSeconds} seconds.`]
      : []),
    ...(rule.roles ? roleProblems(name, rule.roles) : []),
  ];
}

function roleProblems(name: ActionName, open: readonly Role[]): string[] {
  const workers = roles.filter((role) => isWorkOf(role, name));
  const label = labelOf(name);
  if (workers.length === 0) return [`${label} is everybody's own: it can't be closed to a role.`];
  const strangers = open.filter((role) => !workers.includes(role));
  if (strangers.length > 0) return [`${label} is no work of the role ${strangers.join(", ")}.`];
  if (workers.includes("administrator") && !open.includes("administrator"))
    return [`${label} can't be closed to administrators: nobody could open it again.`];
  return [];
}

/** threats.md 18, 20: an action that nobody can satisfy is a way round waiting to be asked for. */
function unsatisfiable(policy: PolicyDocument, name: ActionName): string[] {
  const impossible = roles.some((role) => {
    if (!comesTo(role, name)) return false;
    const floor = floorOf(name, { role });
    const { asks, factors } = requirementUnder(policy, name, { role });
    return asks === "proof" && floor.factors.length > 0 && factors.length === 0;
  });
  return impossible
    ? [`Nobody could confirm “${labelOf(name)}”: no factor that it accepts is switched on.`]
    : [];
}
