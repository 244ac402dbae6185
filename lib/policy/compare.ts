import { type Role, roles } from "@/db/schema/people";
import { comesTo } from "@/lib/access/work";
import { type ActionName, protectedActions } from "@/lib/protected-actions";
import { factorWords } from "@/lib/step-up/factor-words";
import type { Requirement } from "@/lib/step-up/requirement";
import { isFactorOn, type PolicyDocument, signInModes, switchableFactors } from "./document";
import { requirementUnder } from "./policy";
import { ageLabel, labelOf, listed, signInLabels } from "./words";

/** One thing that another policy changes, in words. */
export type Difference = { label: string; from: string; to: string; loosens: boolean };

const names = Object.keys(protectedActions) as ActionName[];

/** Everything in which `after` differs from `before`, the factors first. None: they demand the same. */
export function differences(before: PolicyDocument, after: PolicyDocument): Difference[] {
  return [
    ...factorDifferences(before, after),
    ...signInDifference(before, after),
    ...roles.flatMap((role) => enrolmentDifference(before, after, role)),
    ...names.flatMap((name) => actionDifference(before, after, name)),
  ];
}

/**
 * Whether anything gets easier for anybody: a factor more, a longer age, a wider binding, another role, no question at
 * sign-in. Such a change takes a second administrator (threats.md 20). Told by what is demanded in the end, of each role
 * at each action, and not by what the documents say.
 */
export function loosens(changes: readonly Difference[]): boolean {
  return changes.some((one) => one.loosens);
}

/** Whether the requirement `after` lets anything through that `before` stops. */
function isLooser(before: Requirement, after: Requirement): boolean {
  if (after.asks === "nobody" || before.asks === "session") return false;
  if (before.asks === "nobody") return true;
  const accepts = ({ factors, also }: Requirement) => [...factors, ...also];
  return (
    accepts(after).some((factor) => !accepts(before).includes(factor)) ||
    (before.binding === "input" && after.binding === "session") ||
    after.maxAgeSeconds > before.maxAgeSeconds ||
    (before.probation === "refused" && after.probation === "accepted")
  );
}

function factorDifferences(before: PolicyDocument, after: PolicyDocument): Difference[] {
  return switchableFactors
    .filter((factor) => isFactorOn(before, factor) !== isFactorOn(after, factor))
    .map((factor) => {
      const on = isFactorOn(after, factor);
      return {
        label: factorWords[factor].label,
        from: on ? "off" : "on",
        to: on ? "on" : "off",
        loosens: on,
      };
    });
}

function signInDifference({ signIn: from }: PolicyDocument, { signIn: to }: PolicyDocument): Difference[] {
  if (from === to) return [];
  return [
    {
      label: "Second factor at sign-in",
      from: signInLabels[from],
      to: signInLabels[to],
      loosens: signInModes.indexOf(to) < signInModes.indexOf(from),
    },
  ];
}

function enrolmentDifference(before: PolicyDocument, after: PolicyDocument, role: Role): Difference[] {
  const [from, to] = [before.enrolment[role]?.graceDays, after.enrolment[role]?.graceDays];
  if (from === to) return [];
  const said = (days: number | undefined) => (days === undefined ? "not demanded" : `within ${days} days`);
  const loosens = from !== undefined && (to === undefined || to > from);
  return [{ label: `Second factor of every ${role}`, from: said(from), to: said(to), loosens }];
}

function actionDifference(before: PolicyDocument, after: PolicyDocument, name: ActionName): Difference[] {
  const concerned = roles.filter((role) => comesTo(role, name));
  // What a switched factor changes is told once, above, and not again at every action.
  const sameFactors = { ...before, factors: after.factors };
  const demanded = (policy: PolicyDocument) =>
    JSON.stringify(concerned.map((role) => requirementUnder(policy, name, { role })));
  if (demanded(sameFactors) === demanded(after)) return [];
  const looser = concerned.some((role) =>
    isLooser(requirementUnder(sameFactors, name, { role }), requirementUnder(after, name, { role })),
  );
  const [from, to] = [inWords(sameFactors, name, concerned), inWords(after, name, concerned)];
  return [{ label: labelOf(name), from, to, loosens: looser }];
}

/** What an action demands, in one line. */
function inWords(policy: PolicyDocument, name: ActionName, concerned: readonly Role[]): string {
  const open = concerned.filter((role) => requirementUnder(policy, name, { role }).asks !== "nobody");
  const [role] = open.length > 0 ? open : concerned;
  const requirement = requirementUnder(policy, name, { role: role ?? "employee" });
  const { factors, binding, maxAgeSeconds, probation } = requirement;
  return [
    listed(factors.map((factor) => factorWords[factor].label)),
    binding === "input" ? "for exactly this" : `within ${ageLabel(maxAgeSeconds)}`,
    ...(probation === "refused" && binding === "session" ? ["not on probation"] : []),
    ...(open.length < concerned.length ? [`${listed(open)} only`] : []),
  ].join(", ");
}
