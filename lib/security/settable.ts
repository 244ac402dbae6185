import { comesTo } from "@/lib/access/work";
import { channelsOf } from "@/lib/notices/channels";
import type { Person } from "@/lib/people/person";
import { environment } from "@/lib/platform/env";
import { policyDocument } from "@/lib/policy/document";
import { requirementUnder } from "@/lib/policy/policy";
import { type ActionName, protectedActions } from "@/lib/protected-actions";
import type { EnrolledFactor, SessionFacts } from "@/lib/step-up/facts";
import { Invalid } from "@/lib/step-up/refusal";
import { isCodeFactor, sendsBy } from "./code-messages";

/** Whose means, under which policy. */
type Asking = Pick<SessionFacts<Pick<Person, "role">>, "person" | "policy" | "authenticators">;

const strongestFirst: readonly EnrolledFactor[] = ["passkey", "totp", "sms-code", "email-code"];

/**
 * The kinds that somebody may set up now, the strongest first: what would confirm anything of theirs, since a kind that
 * is off would be a second factor for the rules of enrolment and for nothing else. Of codes that are sent, one
 * destination of a kind, and only where they leave here. `replaces`: an authenticator that goes for it.
 */
export function settableKinds(facts: Asking, replaces: string | null = null): EnrolledFactor[] {
  return confirmingKinds(facts).filter((factor) => {
    if (!isCodeFactor(factor)) return true;
    const has = facts.authenticators.some(
      (one) => one.factor === factor && one.removedAt === null && one.id !== replaces,
    );
    return !has && sendsBy(channelsOf(environment()), factor);
  });
}

/** Asked again at each step: an administrator may have switched the factor off in between. Throws Invalid in words. */
export function requireSettable(facts: Asking, factor: EnrolledFactor, replaces: string | null): void {
  if (!settableKinds(facts, replaces).includes(factor))
    throw new Invalid(
      {},
      "This can't be set up: it is switched off, your role doesn't accept it, or you have it already.",
    );
}

/** The kinds that confirm anything of this person's under today's policy: none that is off. */
export function confirmingKinds({ person, policy }: Pick<Asking, "person" | "policy">): EnrolledFactor[] {
  const document = policyDocument.parse(policy);
  const names = Object.keys(protectedActions) as ActionName[];
  const accepted = names
    .filter((name) => comesTo(person.role, name))
    .flatMap((name) => requirementUnder(document, name, person).factors);
  return strongestFirst.filter((factor) => accepted.includes(factor));
}
