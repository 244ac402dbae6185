import { z } from "zod";
import { factorNames } from "@/db/schema/step-up";
import {
  type AuthenticatorFact,
  type FactorName,
  onProbation,
  sentCodeFactors,
  usableAuthenticators,
} from "./facts";

/** What an action demands before it runs. */
export type Requirement = {
  /**
   * `session`: being signed in is enough. `proof`: nothing runs without one, even where no factor is left. `nobody`: the
   * policy closes it to this person, whatever they prove.
   */
  asks: "session" | "proof" | "nobody";
  /** Accepted factors, strongest first. */
  factors: readonly FactorName[];
  /**
   * `any`: any of them that the person has. `strongest`: only the first of them that the person has.
   * `strongest-settled`: the first that is off probation, so that what a thief enrols shuts out no owner; the first at
   * all where none is. `strongest-ever`: the first that the person ever had, so that removing a passkey weakens nothing.
   */
  choose: "any" | "strongest" | "strongest-settled" | "strongest-ever";
  /** What the strongest is chosen from, where a rule has left out factors: leaving one out must not accept a weaker one. */
  chooseFrom?: readonly FactorName[];
  /** Accepted only while the account has never had a second factor. */
  whenNone: readonly FactorName[];
  /** Accepted besides, whatever was chosen: a recovery code where it pays for an enrolment. */
  also: readonly FactorName[];
  /** `session`: proved in this session within maxAgeSeconds. `input`: proved for exactly this, used once. */
  binding: "session" | "input";
  maxAgeSeconds: number;
  /** Whether an authenticator on probation (design § 6) may answer. */
  probation: "accepted" | "refused";
};

/** The administrators' rule for one action. It can only tighten: see `tighten`. */
export const policyRule = z.strictObject({
  factors: z.array(z.enum(factorNames)).min(1).optional(),
  maxAgeSeconds: z.int().min(0).optional(),
  binding: z.literal("input").optional(),
  probation: z.literal("refused").optional(),
});
export type PolicyRule = z.infer<typeof policyRule>;

/** Signed in is enough: locking, signing out, telling of a cancel. */
export const signedIn: Requirement = {
  asks: "session",
  factors: [],
  choose: "any",
  whenNone: [],
  also: [],
  binding: "session",
  maxAgeSeconds: 0,
  probation: "accepted",
};

/**
 * The floor narrowed by a rule: fewer factors, a shorter age, a closer binding, and never the other way. A closer
 * binding leaves out the codes that are sent: they confirm nothing exactly.
 */
export function tighten(floor: Requirement, rule: PolicyRule | undefined): Requirement {
  if (!rule || floor.asks === "session") return floor;
  const binding = rule.binding ?? floor.binding;
  const keep = (list: readonly FactorName[]) =>
    list.filter(
      (factor) =>
        (rule.factors?.includes(factor) ?? true) &&
        (binding === "session" || !sentCodeFactors.includes(factor)),
    );
  const factors = keep(floor.factors);
  const isNarrower = rule.factors !== undefined || factors.length < floor.factors.length;
  return {
    ...floor,
    factors,
    ...(isNarrower && floor.choose !== "any" ? { chooseFrom: floor.chooseFrom ?? floor.factors } : {}),
    maxAgeSeconds: Math.min(floor.maxAgeSeconds, rule.maxAgeSeconds ?? Number.POSITIVE_INFINITY),
    binding,
    probation: rule.probation ?? floor.probation,
  };
}

/** Without factors that are switched off: not chosen, and not in favour of weaker ones either (see `chooseFrom`). */
export function withoutFactors(requirement: Requirement, off: readonly FactorName[]): Requirement {
  const gone = off.filter((factor) => [...requirement.factors, ...requirement.also].includes(factor));
  if (requirement.asks === "session" || gone.length === 0) return requirement;
  const keep = (list: readonly FactorName[]) => list.filter((factor) => !gone.includes(factor));
  const { choose, chooseFrom = requirement.factors } = requirement;
  return {
    ...requirement,
    factors: keep(requirement.factors),
    also: keep(requirement.also),
    ...(choose === "any" ? {} : { chooseFrom }),
  };
}

/** The account's means, as far as a choice between factors needs them. */
export type Means = { authenticators: readonly AuthenticatorFact[]; recoveryCodesLeft: number; now: Date };

/** Which factors a requirement accepts of this person, strongest first. Empty: the person must enrol one. */
export function acceptedFactors(requirement: Requirement, means: Means): FactorName[] {
  const also = requirement.also.filter((factor) => has(means, factor));
  if (means.authenticators.length === 0 && requirement.whenNone.length > 0) return [...requirement.whenNone];
  const owned = requirement.factors.filter((factor) => has(means, factor));
  if (requirement.choose === "any") return [...owned, ...also];
  const strongest = strongestOf(requirement, means);
  return strongest && owned.includes(strongest) ? [strongest, ...also] : also;
}

function strongestOf({ choose, chooseFrom, factors }: Requirement, means: Means): FactorName | undefined {
  const from = chooseFrom ?? factors;
  if (choose === "strongest-ever") return from.find((factor) => everHad(means, factor));
  const settled = means.authenticators.filter((one) => !onProbation(one, means.now));
  const first =
    choose === "strongest-settled"
      ? from.find((factor) => has({ ...means, authenticators: settled }, factor))
      : undefined;
  return first ?? from.find((factor) => has(means, factor));
}

function has(means: Means, factor: FactorName): boolean {
  if (factor === "password") return true;
  if (factor === "recovery-code") return means.recoveryCodesLeft > 0;
  return usableAuthenticators(means.authenticators).some((one) => one.factor === factor);
}

function everHad(means: Means, factor: FactorName): boolean {
  return has(means, factor) || means.authenticators.some((one) => one.factor === factor);
}
