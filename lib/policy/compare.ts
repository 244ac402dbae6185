import { type Role, roles } from "@/db/schema/people";
import { comesTo } from "@/lib/access/work";
import { type ActionName, protectedActions } from "@/lib/protected-actions";
import { factorWords } from "@/lib/step-up/factor-words";
import type { FactorName } from "@/lib/step-up/facts";
import { accepts, type Demand, demandsOf, inWords, isLooser, withAllFactors } from "./demands";
import { isFactorOn, type PolicyDocument, signInModes, switchableFactors } from "./document";
import { requirementUnder } from "./policy";
import { graceLabel, labelOf, listed, ruledActions, signInLabels } from "./words";

/** One thing that another policy changes, in words. Another factor in place of one both loosens and tightens. */
export type Difference = { label: string; from: string; to: string; loosens: boolean; tightens: boolean };

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

function factorDifferences(before: PolicyDocument, after: PolicyDocument): Difference[] {
  return switchableFactors
    .filter((factor) => isFactorOn(before, factor) !== isFactorOn(after, factor))
    .map((factor) => {
      const { label } = factorWords[factor];
      const on = isFactorOn(after, factor);
      return on
        ? { label, from: "off", to: `on, for: ${listed(opened(after, factor))}`, ...oneWay(true) }
        : { label, from: "on", to: "off", ...oneWay(false) };
    });
}

/** Every action that a factor confirms, in words: who approves its switch approves each of them. */
function opened(policy: PolicyDocument, factor: FactorName): string[] {
  const confirms = (name: ActionName, role: Role) => {
    const { asks, factors, also } = requirementUnder(policy, name, { role });
    return asks === "proof" && comesTo(role, name) && [...factors, ...also].includes(factor);
  };
  return ruledActions.filter((name) => roles.some((role) => confirms(name, role))).map(labelOf);
}

function signInDifference({ signIn: from }: PolicyDocument, { signIn: to }: PolicyDocument): Difference[] {
  if (from === to) return [];
  return [
    {
      label: "Second factor at sign-in",
      from: signInLabels[from],
      to: signInLabels[to],
      ...oneWay(signInModes.indexOf(to) < signInModes.indexOf(from)),
    },
  ];
}

function enrolmentDifference(before: PolicyDocument, after: PolicyDocument, role: Role): Difference[] {
  const [from, to] = [before.enrolment[role]?.graceDays, after.enrolment[role]?.graceDays];
  if (from === to) return [];
  const said = (days: number | undefined) => (days === undefined ? "not demanded" : graceLabel(days));
  const loosens = from !== undefined && (to === undefined || to > from);
  return [{ label: `Second factor of every ${role}`, from: said(from), to: said(to), ...oneWay(loosens) }];
}

/** Of what has more and less, and nothing beside. */
function oneWay(loosens: boolean): Pick<Difference, "loosens" | "tightens"> {
  return { loosens, tightens: !loosens };
}

/**
 * Told once every factor were on: a rule that takes in one that is off opens nothing yet, and would pass without a second
 * look. What a switched factor changes is told once, above, and not again at every action.
 */
function actionDifference(before: PolicyDocument, after: PolicyDocument, name: ActionName): Difference[] {
  const [then, now] = [demandsOf(withAllFactors(before), name), demandsOf(withAllFactors(after), name)];
  if (JSON.stringify(then) === JSON.stringify(now)) return [];
  const loosens = isLooserForAnybody(then, now);
  const tightens = isLooserForAnybody(now, then);
  const off = switchableFactors.filter((factor) => !isFactorOn(after, factor));
  const gained = off.filter((factor) => accepts(now, factor) && !accepts(then, factor));
  const words = (told: readonly FactorName[]) => {
    const silent = off.filter((factor) => !told.includes(factor));
    return { from: inWords(then, name, { silent, off }), to: inWords(now, name, { silent, off }) };
  };
  const short = words(gained);
  return [{ label: labelOf(name), ...(short.from === short.to ? words(off) : short), loosens, tightens }];
}

/** Both list the same roles in the same order. */
function isLooserForAnybody(before: readonly Demand[], after: readonly Demand[]): boolean {
  return before.some((demand, index) => isLooser(demand, after[index] ?? demand));
}
