import { z } from "zod";
import { roles } from "@/db/schema/people";
import { type ActionName, protectedActions } from "@/lib/protected-actions";
import { type FactorName, sentCodeFactors } from "@/lib/step-up/facts";
import { policyRule } from "@/lib/step-up/requirement";

/** What administrators switch on and off, the strongest first; the password is how people sign in. */
export const switchableFactors = [
  "passkey",
  "totp",
  "email-code",
  "sms-code",
  "recovery-code",
] as const satisfies FactorName[];

/** Whether sign-in asks for a second factor: never, when something about it is unusual, or always. */
export const signInModes = ["never", "when-risky", "always"] as const;
export type SignInMode = (typeof signInModes)[number];

/** One action's rule: what it demands, and which of the roles whose work it is may still do it. */
export const actionRule = policyRule.extend({ roles: z.array(z.enum(roles)).min(1).optional() });
export type ActionRule = z.infer<typeof actionRule>;

const actionNames = Object.keys(protectedActions) as ActionName[];

/** Any of these members. A misspelled one is refused: read and passed over, its rule would tighten nothing. */
function some<Key extends string, Value>(keys: readonly Key[], value: z.ZodType<Value>) {
  const members = Object.fromEntries(keys.map((key) => [key, value.optional()]));
  return z.strictObject(members) as unknown as z.ZodType<{ [Member in Key]?: Value }>;
}

/**
 * The administrators' whole policy: what `policy_versions.document` holds, and what is exported as a file. What a
 * document does not name is as in a new installation.
 */
export const policyDocument = z.strictObject({
  /** Tightens the floor of single actions. */
  actions: some(actionNames, actionRule).default({}),
  factors: some(switchableFactors, z.boolean()).default({}),
  signIn: z.enum(signInModes).default("never"),
  /** Which roles must have a second factor, and how many days a person has for it. */
  enrolment: some(roles, z.strictObject({ graceDays: z.int().min(0).max(365) })).default({}),
});
export type PolicyDocument = z.infer<typeof policyDocument>;

/** Factors that are on only where administrators said so. */
export const offByDefault: readonly FactorName[] = sentCodeFactors;

export function isFactorOn({ factors }: Pick<PolicyDocument, "factors">, factor: FactorName): boolean {
  if (factor === "password") return true;
  return factors[factor] ?? !offByDefault.includes(factor);
}
