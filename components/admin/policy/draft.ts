import type { Role } from "@/db/schema/people";
import type { ActionRule, PolicyDocument, SignInMode } from "@/lib/policy/document";
import type { PolicyRow, RowFactor } from "@/lib/policy/table";
import type { FactorName } from "@/lib/step-up/facts";

/* A draft is a whole policy. What is as the floor says stands nowhere in it, so that an undone change is none. */

/** Whether an action's rule leaves a factor in. Whether it is on for anybody is another question: see `accepts`. */
function leavesIn(draft: PolicyDocument, row: PolicyRow, factor: FactorName): boolean {
  return draft.actions[row.action]?.factors?.includes(factor) ?? true;
}

/** Whether a factor is switched on by the draft. */
export function isOn(draft: PolicyDocument, { name, onByDefault }: RowFactor): boolean {
  return name === "password" || (draft.factors[name] ?? onByDefault);
}

/** Whether an action could be confirmed with a factor, were the draft in force. */
export function accepts(draft: PolicyDocument, row: PolicyRow, factor: RowFactor): boolean {
  const bound = row.binding === "input" || ageOf(draft, row) === "input";
  return isOn(draft, factor) && leavesIn(draft, row, factor.name) && !(bound && factor.bySessionOnly);
}

/** What is off is taken into no rule: its switch would open what nobody chose. With all that is on, the rule is none. */
export function withFactor(draft: PolicyDocument, row: PolicyRow, factor: FactorName, accepted: boolean) {
  const on = row.factors.filter((one) => isOn(draft, one)).map(({ name }) => name);
  const factors = on.filter((name) => (name === factor ? accepted : leavesIn(draft, row, name)));
  return withRule(draft, row, { factors: factors.length === on.length ? undefined : factors });
}

/** How long a proof counts: seconds, or `input` where each act asks anew. */
export function ageOf(draft: PolicyDocument, row: PolicyRow): string {
  const rule = draft.actions[row.action];
  if (rule?.binding === "input") return "input";
  return String(rule?.maxAgeSeconds ?? row.ages[0]?.seconds);
}

/** Whether an age is one that the table offers: a file may hold any. */
export function offersAge(row: PolicyRow, age: string): boolean {
  return age === "input" || row.ages.some(({ seconds }) => String(seconds) === age);
}

export function withAge(draft: PolicyDocument, row: PolicyRow, age: string) {
  if (age === "input") return withRule(draft, row, { binding: "input", maxAgeSeconds: undefined });
  const seconds = Number(age);
  const maxAgeSeconds = seconds === row.ages[0]?.seconds ? undefined : seconds;
  return withRule(draft, row, { binding: undefined, maxAgeSeconds });
}

export function refusesProbation(draft: PolicyDocument, row: PolicyRow): boolean {
  return draft.actions[row.action]?.probation === "refused";
}

export function withProbation(draft: PolicyDocument, row: PolicyRow, refused: boolean) {
  return withRule(draft, row, { probation: refused ? "refused" : undefined });
}

export function isOpenTo(draft: PolicyDocument, row: PolicyRow, role: Role): boolean {
  return draft.actions[row.action]?.roles?.includes(role) ?? true;
}

export function withRole(draft: PolicyDocument, row: PolicyRow, role: Role, open: boolean) {
  const roles = row.roles.filter((one) => (one === role ? open : isOpenTo(draft, row, one)));
  return withRule(draft, row, { roles: roles.length === row.roles.length ? undefined : roles });
}

export function withSignIn(draft: PolicyDocument, signIn: SignInMode): PolicyDocument {
  return { ...draft, signIn };
}

/** `graceDays` null: not demanded of this role. */
export function withEnrolment(draft: PolicyDocument, role: Role, graceDays: number | null): PolicyDocument {
  const { [role]: _, ...others } = draft.enrolment;
  return { ...draft, enrolment: graceDays === null ? others : { ...others, [role]: { graceDays } } };
}

export function isChanged(draft: PolicyDocument, current: PolicyDocument): boolean {
  return sorted(draft) !== sorted(current);
}

type Members = { [Member in keyof ActionRule]?: ActionRule[Member] | undefined };

function withRule(draft: PolicyDocument, { action }: PolicyRow, members: Members): PolicyDocument {
  const merged = Object.entries({ ...draft.actions[action], ...members });
  const rule: ActionRule = Object.fromEntries(merged.filter(([, value]) => value !== undefined));
  const { [action]: _, ...others } = draft.actions;
  return { ...draft, actions: Object.keys(rule).length === 0 ? others : { ...others, [action]: rule } };
}

/** The same text for the same policy, in whatever order it was clicked together. */
function sorted(policy: PolicyDocument): string {
  return JSON.stringify(policy, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
      : value,
  );
}
