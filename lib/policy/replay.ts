import type { Role } from "@/db/schema/people";
import { type ActionName, protectedActions } from "@/lib/protected-actions";
import { type DecisionFacts, decide } from "@/lib/step-up/decide";
import { type AuthenticatorFact, type EvidenceFact, type FactorName, onProbation } from "@/lib/step-up/facts";
import type { PolicyDocument } from "./document";
import { requirementUnder } from "./policy";

/** One decision of the log: somebody came to an action, and confirmed it or gave it up. */
export type PastDecision = {
  action: ActionName | "session.lock";
  personId: string;
  role: Role;
  /** Null in seeded history: then a person's day counts as one session. */
  sessionId: string | null;
  at: Date;
  /** With which factor it was confirmed. */
  factor: FactorName | null;
};

/** What an action would have cost under a policy: how often people were asked, and who could not do it. */
export type Cost = { prompts: number; stopped: Set<string> };

export type Costs = Map<ActionName, Cost>;

type Session = { evidence: EvidenceFact[]; lockEpoch: number };

/**
 * Lives through past decisions, oldest first, as if a policy had been in force: `decide` itself says what would have been
 * asked, and a prompt that was answered counts as evidence for what follows in the same session.
 */
export class Replay {
  readonly costs: Costs = new Map();
  private readonly sessions = new Map<string, Session>();

  constructor(
    private readonly policy: PolicyDocument,
    /** What each person has and had, removed ones too. */
    private readonly authenticators: ReadonlyMap<string, readonly AuthenticatorFact[]>,
  ) {}

  /** The next decision. */
  follow(past: PastDecision): void {
    const session = this.sessionOf(past);
    if (past.action === "session.lock") {
      session.lockEpoch += 1;
      return;
    }
    if (!Object.hasOwn(protectedActions, past.action)) return;
    const requirement = requirementUnder(this.policy, past.action, past);
    if (requirement.asks === "session") return;
    const facts = this.factsOf(past, session);
    const decision = decide(requirement, facts);
    const cost = this.costOf(past.action);
    if (decision.outcome === "enrol" || decision.outcome === "refused") cost.stopped.add(past.personId);
    if (decision.outcome !== "step-up") return;
    cost.prompts += 1;
    const factor = decision.accepted.find((one) => one === past.factor) ?? decision.accepted[0];
    const by = decision.answering.find((one) => one.factor === factor);
    if (factor)
      session.evidence.push({
        id: "",
        factor,
        authenticatorId: by?.id ?? null,
        lockEpoch: session.lockEpoch,
        provedAt: past.at,
      });
  }

  private sessionOf({ personId, sessionId, at }: PastDecision): Session {
    const key = sessionId ?? `${personId} ${at.toISOString().slice(0, 10)}`;
    const session = this.sessions.get(key) ?? { evidence: [], lockEpoch: 0 };
    this.sessions.set(key, session);
    return session;
  }

  private costOf(action: ActionName): Cost {
    const cost = this.costs.get(action) ?? { prompts: 0, stopped: new Set() };
    this.costs.set(action, cost);
    return cost;
  }

  private factsOf(past: PastDecision, { evidence, lockEpoch }: Session): DecisionFacts {
    const then = (this.authenticators.get(past.personId) ?? [])
      .filter(({ createdAt }) => createdAt <= past.at)
      .map((one) => asOf(one, past.at));
    return {
      authenticators: hadAtLeast(then, past),
      evidence,
      recoveryCodesLeft: 0,
      lockEpoch,
      presented: "current",
      now: past.at,
    };
  }
}

/** Removed or suspended later: at that time it was neither. */
function asOf(one: AuthenticatorFact, at: Date): AuthenticatorFact {
  const before = (time: Date | null) => (time !== null && time <= at ? time : null);
  return {
    ...one,
    removedAt: before(one.removedAt),
    suspendedAt: before(one.suspendedAt),
    probationUntil: onProbation(one, at) ? one.probationUntil : null,
  };
}

/** Who confirmed with a factor had it, whatever is known of their authenticators now (seeded history). */
function hadAtLeast(then: AuthenticatorFact[], { factor, at }: PastDecision): AuthenticatorFact[] {
  if ((factor !== "totp" && factor !== "passkey") || then.some((one) => one.factor === factor)) return then;
  const seen = { id: factor, factor, name: factor, createdAt: at };
  return [...then, { ...seen, probationUntil: null, suspendedAt: null, removedAt: null }];
}
