import type { AuthenticatorFact, EvidenceFact, FactorName, SessionFacts, SignInRisk } from "./facts";
import { onProbation, sentCodeFactors, usableAuthenticators } from "./facts";
import { acceptedFactors, type Requirement } from "./requirement";

/** Why the answer is what it is; "Why am I asked?" shows them in words. */
export type Reason =
  | { code: "needs-factor"; factors: FactorName[]; maxAgeSeconds: number; binding: "session" | "input" }
  | { code: "never-proved" }
  | { code: "proved"; factor: FactorName; at: string; ageSeconds: number }
  | { code: "too-old"; factor: FactorName; at: string; ageSeconds: number }
  | { code: "locked-since" }
  | { code: "not-accepted"; factor: FactorName }
  | { code: "exactly-this" }
  | { code: "on-probation"; authenticator: string; until: string }
  | { code: "authenticator-gone" }
  | { code: "no-second-factor" }
  | { code: "had-a-factor" }
  | { code: "closed" }
  | { code: "older-cookie" }
  /** The account has codes that are sent, and they are not enough here. */
  | { code: "sent-codes" }
  | { code: "void-after-reset" }
  | { code: "sign-in"; risk: SignInRisk };

export type Decision =
  | { outcome: "satisfied"; evidence: EvidenceFact | null; until: Date | null; reasons: Reason[] }
  | { outcome: "step-up"; accepted: FactorName[]; answering: AuthenticatorFact[]; reasons: Reason[] }
  | { outcome: "enrol"; reasons: Reason[] }
  | { outcome: "refused"; reasons: Reason[] };

export type DecisionFacts = Pick<
  SessionFacts,
  "authenticators" | "evidence" | "recoveryCodesLeft" | "lockEpoch" | "presented" | "awaits" | "now"
>;

/**
 * Whether the session has what the requirement demands, and why. Pure and total: the same facts give the same
 * decision, and every combination of facts gives one. Source: RFC 9470, ASVS v5.0.0-7.5.3.
 */
export function decide(requirement: Requirement, facts: DecisionFacts): Decision {
  if (requirement.asks === "session") {
    return { outcome: "satisfied", evidence: null, until: null, reasons: [] };
  }
  if (requirement.asks === "nobody") return { outcome: "refused", reasons: [{ code: "closed" }] };
  const { maxAgeSeconds, binding } = requirement;
  const needs: Reason = { code: "needs-factor", factors: [...requirement.factors], maxAgeSeconds, binding };
  const answering = usableAuthenticators(facts.authenticators).filter(
    (one) => requirement.probation === "accepted" || !onProbation(one, facts.now),
  );
  const accepted = acceptedFactors(requirement, facts);
  const able = accepted.filter(
    (factor) => needsNoAuthenticator(factor) || answering.some((a) => a.factor === factor),
  );
  const unfit = aboutSentCodes(requirement, facts);
  if (able.length === 0) return withMore(withoutMeans(requirement, needs, accepted, facts), unfit);

  const findings = facts.evidence.map((one) => judge(one, requirement, able, answering, facts));
  if (binding === "session") {
    const valid = newest(findings.filter((f) => f.valid).map((f) => f.evidence));
    if (valid) {
      return {
        outcome: "satisfied",
        evidence: valid,
        until: new Date(valid.provedAt.getTime() + maxAgeSeconds * 1000),
        reasons: [needs, found("proved", valid, facts.now)],
      };
    }
  }
  return {
    outcome: "step-up",
    accepted: able,
    answering,
    reasons: [needs, ...whyNot(binding, findings, facts), ...unfit],
  };
}

function withMore<Of extends Decision>(decision: Of, reasons: Reason[]): Of {
  return { ...decision, reasons: [...decision.reasons, ...reasons] };
}

/** Why codes that are sent, which the account has, are no way here: nobody should look for them in vain. */
function aboutSentCodes({ factors }: Requirement, { authenticators }: DecisionFacts): Reason[] {
  const sent = authenticators.filter(
    (one) => sentCodeFactors.includes(one.factor) && one.removedAt === null && one.suspendedAt === null,
  );
  const isVoid = sent.some((one) => one.voidSince && factors.includes(one.factor));
  const isWeak = sent.length > 0 && !sent.some((one) => factors.includes(one.factor));
  return [
    ...(isVoid ? [{ code: "void-after-reset" } as const] : []),
    ...(isWeak ? [{ code: "sent-codes" } as const] : []),
  ];
}

function withoutMeans(
  requirement: Requirement,
  needs: Reason,
  accepted: FactorName[],
  facts: DecisionFacts,
): Decision {
  // Only a first authenticator is bound with the password, and "first" is never true again (threats.md 18).
  if (requirement.factors.length === 0)
    return { outcome: "refused", reasons: [needs, { code: "had-a-factor" }] };
  const waiting = usableAuthenticators(facts.authenticators).find(
    (one) => accepted.includes(one.factor) && onProbation(one, facts.now),
  );
  if (waiting?.probationUntil) {
    const until = waiting.probationUntil.toISOString();
    return {
      outcome: "refused",
      reasons: [needs, { code: "on-probation", authenticator: waiting.name, until }],
    };
  }
  return { outcome: "enrol", reasons: [needs, { code: "no-second-factor" }] };
}

type Finding = { evidence: EvidenceFact; valid: boolean; because: Reason | null };

function judge(
  one: EvidenceFact,
  requirement: Requirement,
  able: FactorName[],
  answering: AuthenticatorFact[],
  facts: DecisionFacts,
): Finding {
  const not = (because: Reason): Finding => ({ evidence: one, valid: false, because });
  const ageMs = facts.now.getTime() - one.provedAt.getTime();
  // A predecessor's cookie was perhaps copied before the step-up: what followed is not its (ASVS 7.2.4).
  if (facts.presented === "predecessor") return not({ code: "older-cookie" });
  if (one.lockEpoch !== facts.lockEpoch) return not({ code: "locked-since" });
  if (!able.includes(one.factor)) return not({ code: "not-accepted", factor: one.factor });
  if (!needsNoAuthenticator(one.factor) && !answering.some((a) => a.id === one.authenticatorId)) {
    return not({ code: "authenticator-gone" });
  }
  if (ageMs < 0 || ageMs >= requirement.maxAgeSeconds * 1000) return not(found("too-old", one, facts.now));
  return { evidence: one, valid: true, because: null };
}

function whyNot(binding: "session" | "input", findings: Finding[], facts: DecisionFacts): Reason[] {
  if (facts.awaits) return facts.awaits.map((risk) => ({ code: "sign-in", risk }));
  if (binding === "input") return [{ code: "exactly-this" }];
  if (facts.presented === "predecessor") return [{ code: "older-cookie" }];
  const latest = newest(findings.map((f) => f.evidence));
  const because = findings.find((f) => f.evidence === latest)?.because;
  return [because ?? { code: "never-proved" }];
}

function found(code: "proved" | "too-old", one: EvidenceFact, now: Date): Reason {
  const ageSeconds = Math.floor((now.getTime() - one.provedAt.getTime()) / 1000);
  return { code, factor: one.factor, at: one.provedAt.toISOString(), ageSeconds };
}

function newest(list: EvidenceFact[]): EvidenceFact | undefined {
  return list.reduce<EvidenceFact | undefined>(
    (best, one) => (!best || one.provedAt.getTime() > best.provedAt.getTime() ? one : best),
    undefined,
  );
}

/** A password and a recovery code are the account's, not one enrolled thing's. */
function needsNoAuthenticator(factor: FactorName): boolean {
  return factor === "password" || factor === "recovery-code";
}
