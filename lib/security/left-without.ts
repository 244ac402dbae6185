import { isWorkOf } from "@/lib/access/work";
import type { Person } from "@/lib/people/person";
import { requirementOf } from "@/lib/policy/policy";
import { type ActionName, protectedActions } from "@/lib/protected-actions";
import { type AuthenticatorFact, type SessionFacts, usableAuthenticators } from "@/lib/step-up/facts";
import { acceptedFactors } from "@/lib/step-up/requirement";

/**
 * The first action of the person's work that nothing of theirs could confirm once these authenticators are gone,
 * though something can now; null when there is none (threats.md 18: the last factor that a policy demands stays).
 * "any": nothing would be left at all. `instead`: the kind of what comes in their place.
 */
export function leftWithout(
  facts: SessionFacts<Person>,
  gone: readonly string[],
  instead?: AuthenticatorFact["factor"],
): ActionName | "any" | null {
  const left = facts.authenticators.map((one) =>
    gone.includes(one.id) ? { ...one, removedAt: facts.now } : one,
  );
  const after = { ...facts, authenticators: instead ? [...left, newOne(instead, facts.now)] : left };
  if (usableAuthenticators(after.authenticators).length === 0) return "any";
  const names = Object.keys(protectedActions) as ActionName[];
  const work = names.filter((name) => isWorkOf(facts.person.role, name));
  const confirmable = (name: ActionName, of: typeof facts) =>
    acceptedFactors(requirementOf(name, of), of).length > 0;
  return work.find((name) => confirmable(name, facts) && !confirmable(name, after)) ?? null;
}

function newOne(factor: AuthenticatorFact["factor"], now: Date): AuthenticatorFact {
  return {
    id: "",
    factor,
    name: "",
    createdAt: now,
    probationUntil: null,
    suspendedAt: null,
    removedAt: null,
  };
}
