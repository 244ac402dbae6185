import type { Reader } from "@/db/client";
import type { Challenge, FactorOption } from "./action-result";
import { type ChallengeSubject, challengeLifetimeSeconds, openChallenge } from "./challenge";
import type { Decision, Reason } from "./decide";
import type { AuthenticatorFact, FactorName, SessionFacts } from "./facts";
import type { Ports } from "./ports";
import type { Prompt } from "./prompt";

export type StepUp = Extract<Decision, { outcome: "step-up" }>;

/** Opens a challenge together with everything the prompt needs, so that a passkey costs no extra trip. */
export async function offerChallenge<Person>(
  ports: Ports<Person>,
  read: Reader,
  facts: SessionFacts<Person>,
  subject: ChallengeSubject,
  prompt: Prompt,
  decision: { answering: AuthenticatorFact[]; reasons: Reason[] },
): Promise<Challenge> {
  const { token, challenge } = openChallenge(ports.keys, facts, subject);
  const { userId, sessionId, now } = facts;
  const factors: FactorOption[] = [];
  for (const factor of inOrder(subject.accepted, facts.lastFactor)) {
    const authenticators = decision.answering.filter((one) => one.factor === factor);
    const options = await ports.factors
      .get(factor)
      .prepare(read, { userId, sessionId, authenticators, now }, challenge);
    if (options !== null) factors.push({ factor, options });
  }
  return {
    token,
    action: subject.action,
    account: facts.account,
    prompt,
    binding: subject.requirement.binding,
    factors,
    reasons: decision.reasons,
    expiresInSeconds: challengeLifetimeSeconds,
    recoveryCodesLeft: facts.recoveryCodesLeft,
  };
}

/** Last used on this device first, then passkey, then the rest; a recovery code is always the last resort. */
export function inOrder(accepted: readonly FactorName[], last: FactorName | null): FactorName[] {
  const rank = (factor: FactorName) => {
    if (factor === "recovery-code") return 3;
    if (factor === last) return 0;
    return factor === "passkey" ? 1 : 2;
  };
  return [...accepted].sort((a, b) => rank(a) - rank(b));
}
