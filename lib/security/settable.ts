import { isWorkOf } from "@/lib/access/work";
import { channelsOf } from "@/lib/notices/channels";
import type { Person } from "@/lib/people/person";
import { environment } from "@/lib/platform/env";
import { requirementOf } from "@/lib/policy/policy";
import { type ActionName, protectedActions } from "@/lib/protected-actions";
import type { EnrolledFactor, SessionFacts } from "@/lib/step-up/facts";
import { isCodeFactor, sendsBy } from "./code-messages";

/**
 * Whether somebody may set up a kind now. Passkeys and apps always; codes that are sent only where they leave here and
 * would confirm some of this person's work, and one destination of a kind.
 */
export function maySetUp(
  facts: SessionFacts<Person>,
  factor: EnrolledFactor,
  replaces: string | null = null,
): boolean {
  if (!isCodeFactor(factor)) return true;
  const has = facts.authenticators.some(
    (one) => one.factor === factor && one.removedAt === null && one.id !== replaces,
  );
  return !has && sendsBy(channelsOf(environment()), factor) && confirmsWork(facts, factor);
}

/** Under today's policy, a factor that is off confirms nothing. */
function confirmsWork(facts: SessionFacts<Person>, factor: EnrolledFactor): boolean {
  const names = Object.keys(protectedActions) as ActionName[];
  return names.some(
    (name) => isWorkOf(facts.person.role, name) && requirementOf(name, facts).factors.includes(factor),
  );
}
