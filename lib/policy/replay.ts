import type { Role } from "@/db/schema/people";
import { enrolledFactors } from "@/db/schema/step-up";
import { type ActionName, protectedActions } from "@/lib/protected-actions";
import { risksOf } from "@/lib/session/sign-in-risks";
import { trustDays } from "@/lib/session/trusted-devices";
import { type DecisionFacts, decide } from "@/lib/step-up/decide";
import {
  type AuthenticatorFact,
  type EvidenceFact,
  type FactorName,
  onProbation,
  sentCodeFactors,
} from "@/lib/step-up/facts";
import type { Requirement } from "@/lib/step-up/requirement";
import type { PolicyDocument } from "./document";
import { requirementUnder } from "./policy";

/** What is known of a sign-in. `refused`: so many wrong passwords, and no sign-in. No device: its session is forgotten. */
export type PastSignIn = { refused: number; deviceHash: string | null; trusted: boolean };

/** One decision of the log: somebody came to an action, and confirmed it or gave it up; or they signed in. */
export type PastDecision = {
  action: ActionName | "session.lock" | "session.sign-in";
  personId: string;
  role: Role;
  /** Null in seeded history: then a person's day counts as one session. */
  sessionId: string | null;
  at: Date;
  /** With which factor it was confirmed. */
  factor: FactorName | null;
  /** It was given up at the prompt. */
  cancelled: boolean;
  signIn?: PastSignIn;
};

/** What an action would have cost under a policy: how often people were asked, and who could not do it. */
export type Cost = { prompts: number; stopped: Set<string> };

export type Costs = Map<ActionName, Cost>;

const day = 86_400_000;

type Session = { evidence: EvidenceFact[]; lockEpoch: number; deviceHash: string | null };

/**
 * Lives through past decisions, oldest first, as if a policy had been in force: `decide` itself says what would have been
 * asked, and a prompt that was answered counts as evidence for what follows in the same session.
 */
export class Replay {
  readonly costs: Costs = new Map();
  private readonly sessions = new Map<string, Session>();
  private readonly requirements = new Map<string, Requirement>();
  /** Wrong passwords of each person's last day. */
  private readonly failures = new Map<string, { at: number; count: number }[]>();
  /** When each person last proved a passkey or an app on each device. */
  private readonly proved = new Map<string, number>();

  constructor(
    private readonly policy: PolicyDocument,
    /** What each person has and had, removed ones too. */
    private readonly authenticators: ReadonlyMap<string, readonly AuthenticatorFact[]>,
  ) {}

  /** The next decision. */
  follow(past: PastDecision): void {
    const { action, signIn } = past;
    const session = this.sessionOf(past);
    if (signIn) this.followSignIn(past, signIn, session);
    else if (action === "session.lock") session.lockEpoch += 1;
    // Whether a sign-in was confirmed is up to the policy: its sign-in is followed instead.
    else if (Object.hasOwn(protectedActions, action) && action !== "session.finish-sign-in")
      this.ask(action as ActionName, past, session);
  }

  private followSignIn(past: PastDecision, signIn: PastSignIn, session: Session): void {
    const { refused, deviceHash, trusted } = signIn;
    const since = past.at.getTime() - day;
    const failed = (this.failures.get(past.personId) ?? []).filter(({ at }) => at > since);
    if (refused > 0) {
      this.failures.set(past.personId, [...failed, { at: past.at.getTime(), count: refused }]);
      return;
    }
    session.deviceHash = deviceHash;
    const failures = failed.reduce((sum, { count }) => sum + count, 0);
    // A sign-in that isn't held forgives them, and the proof of one that is.
    this.failures.delete(past.personId);
    const newDevice = !this.isKnown(past, session);
    if (risksOf(this.policy.signIn, { newDevice, failures, trusted }))
      this.ask("session.finish-sign-in", past, session);
  }

  private ask(action: ActionName, past: PastDecision, session: Session): void {
    const requirement = this.requirementOf(action, past.role);
    if (requirement.asks === "session") return;
    const facts = this.factsOf(past, session);
    const decision = decide(requirement, facts);
    const cost = this.costOf(action);
    // Whoever never had a second factor is asked to set one up, and then goes on.
    const begins = action === "session.finish-sign-in" && facts.authenticators.length === 0;
    if (decision.outcome === "step-up" || begins) cost.prompts += 1;
    else if (decision.outcome !== "satisfied") cost.stopped.add(past.personId);
    if (decision.outcome !== "step-up" || past.cancelled) return;
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
    // A code that was sent makes no device known (docs/decisions/019).
    if (by && !sentCodeFactors.includes(by.factor))
      this.proved.set(onDevice(past, session), past.at.getTime());
  }

  /** As sign-in knows a device (`isKnown` in trusted-devices.ts). */
  private isKnown(past: PastDecision, session: Session): boolean {
    const provedAt = this.proved.get(onDevice(past, session));
    const since = past.at.getTime() - trustDays * day;
    return session.deviceHash !== null && provedAt !== undefined && provedAt > since;
  }

  private requirementOf(action: ActionName, role: Role): Requirement {
    const key = `${action} ${role}`;
    const requirement = this.requirements.get(key) ?? requirementUnder(this.policy, action, { role });
    this.requirements.set(key, requirement);
    return requirement;
  }

  private sessionOf({ personId, sessionId, at }: PastDecision): Session {
    const key = sessionId ?? `${personId} ${at.toISOString().slice(0, 10)}`;
    const session = this.sessions.get(key) ?? { evidence: [], lockEpoch: 0, deviceHash: null };
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
      // What somebody replaced an authenticator with, they had.
      recoveryCodesLeft: past.factor === "recovery-code" ? 1 : 0,
      lockEpoch,
      presented: "current",
      now: past.at,
    };
  }
}

function onDevice({ personId }: PastDecision, { deviceHash }: Session): string {
  return `${personId} ${deviceHash}`;
}

/** Removed or suspended later: at that time it was neither. */
function asOf(one: AuthenticatorFact, at: Date): AuthenticatorFact {
  const before = (time: Date | null) => (time !== null && time <= at ? time : null);
  return {
    ...one,
    removedAt: before(one.removedAt),
    suspendedAt: before(one.suspendedAt),
    voidSince: before(one.voidSince ?? null),
    probationUntil: onProbation(one, at) ? one.probationUntil : null,
  };
}

/** Who confirmed with a factor had it, whatever is known of their authenticators now (seeded history). */
function hadAtLeast(then: AuthenticatorFact[], { factor, at }: PastDecision): AuthenticatorFact[] {
  const enrolled = enrolledFactors.find((one) => one === factor);
  if (!enrolled || then.some((one) => one.factor === enrolled)) return then;
  const seen = { id: enrolled, factor: enrolled, name: enrolled, createdAt: at };
  return [...then, { ...seen, probationUntil: null, suspendedAt: null, removedAt: null }];
}
