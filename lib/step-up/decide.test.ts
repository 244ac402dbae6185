import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { enrolledFactors, factorNames } from "@/db/schema/step-up";
import { protectedActions } from "@/lib/protected-actions";
import { type DecisionFacts, decide } from "./decide";
import type { AuthenticatorFact, EnrolledFactor, EvidenceFact, FactorName } from "./facts";
import { acceptedFactors, type PolicyRule, type Requirement, signedIn, tighten } from "./requirement";

const now = new Date("2026-03-02T09:00:00.000Z");
const ago = (seconds: number) => new Date(now.getTime() - seconds * 1000);
const ahead = (seconds: number) => ago(-seconds);

const { "contract.view": unlocked, "customer.change-bank-details": confirmed } = protectedActions;
const { "security.change-password": strongest, "admin.invite": administrative } = protectedActions;

function authenticator(
  id: string,
  factor: EnrolledFactor,
  state: Partial<AuthenticatorFact> = {},
): AuthenticatorFact {
  const created = { id, factor, name: `${factor} ${id}`, createdAt: ago(1e6) };
  return { ...created, probationUntil: null, suspendedAt: null, removedAt: null, ...state };
}

const app = authenticator("app", "totp");
const passkey = authenticator("key", "passkey");

function proof(by: AuthenticatorFact, secondsAgo: number, state: Partial<EvidenceFact> = {}): EvidenceFact {
  return {
    id: `e-${by.id}`,
    factor: by.factor,
    authenticatorId: by.id,
    lockEpoch: 0,
    provedAt: ago(secondsAgo),
    ...state,
  };
}

function facts(state: Partial<DecisionFacts> = {}): DecisionFacts {
  return {
    authenticators: [app],
    evidence: [],
    recoveryCodesLeft: 0,
    lockEpoch: 0,
    presented: "current",
    now,
    ...state,
  };
}

const codes = (requirement: Requirement, state: Partial<DecisionFacts>) =>
  decide(requirement, facts(state)).reasons.map((reason) => reason.code);

describe("what a decision says, reason by reason", () => {
  it("asks nothing more where being signed in is enough", () => {
    expect(decide(signedIn, facts({ authenticators: [] }))).toEqual({
      outcome: "satisfied",
      evidence: null,
      until: null,
      reasons: [],
    });
  });

  it("is satisfied by a proof of this session, until that proof is too old", () => {
    const decision = decide(unlocked, facts({ evidence: [proof(app, 60)] }));
    expect(decision).toMatchObject({ outcome: "satisfied", evidence: { id: "e-app" }, until: ahead(840) });
    expect(decision.reasons).toEqual([
      {
        code: "needs-factor",
        factors: ["passkey", "totp", "sms-code", "email-code"],
        maxAgeSeconds: 900,
        binding: "session",
      },
      { code: "proved", factor: "totp", at: ago(60).toISOString(), ageSeconds: 60 },
    ]);
  });

  it("takes the newest of several good proofs", () => {
    const both = [proof(app, 60, { id: "older" }), proof(passkey, 5, { id: "newer" })];
    const decision = decide(unlocked, facts({ authenticators: [app, passkey], evidence: both }));
    expect(decision).toMatchObject({ outcome: "satisfied", evidence: { id: "newer" } });
  });

  it("says that nothing was proved yet", () => {
    expect(codes(unlocked, {})).toEqual(["needs-factor", "never-proved"]);
  });

  it("says that the proof is too old from the very second of its end", () => {
    expect(codes(unlocked, { evidence: [proof(app, 899)] })).toEqual(["needs-factor", "proved"]);
    expect(codes(unlocked, { evidence: [proof(app, 900)] })).toEqual(["needs-factor", "too-old"]);
  });

  it("says that the session was locked since", () => {
    expect(codes(unlocked, { evidence: [proof(app, 5)], lockEpoch: 1 })).toEqual([
      "needs-factor",
      "locked-since",
    ]);
  });

  it("says that the proved factor is not accepted here", () => {
    const byPassword = proof(app, 5, { factor: "password", authenticatorId: null });
    expect(codes(unlocked, { evidence: [byPassword] })).toEqual(["needs-factor", "not-accepted"]);
  });

  it("says that the authenticator of the proof is gone", () => {
    const spare = authenticator("spare", "totp");
    const removed = { ...app, removedAt: ago(1) };
    expect(codes(unlocked, { authenticators: [removed, spare], evidence: [proof(app, 5)] })).toEqual([
      "needs-factor",
      "authenticator-gone",
    ]);
    const suspended = { ...app, suspendedAt: ago(1) };
    expect(codes(unlocked, { authenticators: [suspended, spare], evidence: [proof(app, 5)] })).toEqual([
      "needs-factor",
      "authenticator-gone",
    ]);
  });

  it("says that a confirmation is for exactly this, whatever was proved before", () => {
    expect(codes(confirmed, { evidence: [proof(app, 0)] })).toEqual(["needs-factor", "exactly-this"]);
  });

  it("refuses an authenticator on probation, and says until when", () => {
    const until = ahead(3600);
    const young = { ...app, probationUntil: until };
    const decision = decide(confirmed, facts({ authenticators: [young] }));
    expect(decision.outcome).toBe("refused");
    expect(decision.reasons.at(-1)).toEqual({
      code: "on-probation",
      authenticator: young.name,
      until: until.toISOString(),
    });
    expect(decide(confirmed, facts({ authenticators: [{ ...app, probationUntil: now }] })).outcome).toBe(
      "step-up",
    );
    expect(decide(unlocked, facts({ authenticators: [young] })).outcome).toBe("step-up");
  });

  it("sends a person without a second factor to enrol one", () => {
    const decision = decide(unlocked, facts({ authenticators: [] }));
    expect(decision).toMatchObject({
      outcome: "enrol",
      reasons: [{ code: "needs-factor" }, { code: "no-second-factor" }],
    });
  });

  it("opens the first enrolment with the password, and never again after that", () => {
    const first = protectedActions["security.enrol-first-factor"];
    expect(decide(first, facts({ authenticators: [] }))).toMatchObject({
      outcome: "step-up",
      accepted: ["password"],
    });
    const removed = facts({ authenticators: [{ ...app, removedAt: ago(10) }] });
    expect(decide(first, removed)).toMatchObject({
      outcome: "refused",
      reasons: [{ code: "needs-factor" }, { code: "had-a-factor" }],
    });
  });

  it("says that codes that are sent are not enough, where the account has some", () => {
    const sms = authenticator("sms", "sms-code");
    expect(codes(confirmed, { authenticators: [sms] })).toEqual([
      "needs-factor",
      "no-second-factor",
      "sent-codes",
    ]);
    expect(codes(confirmed, { authenticators: [app, sms] })).toEqual([
      "needs-factor",
      "exactly-this",
      "sent-codes",
    ]);
    expect(codes(confirmed, { authenticators: [app] })).toEqual(["needs-factor", "exactly-this"]);
    expect(codes(unlocked, { authenticators: [sms] })).toEqual(["needs-factor", "never-proved"]);
    const gone = [{ ...sms, removedAt: ago(1) }, app];
    expect(codes(confirmed, { authenticators: gone })).toEqual(["needs-factor", "exactly-this"]);
  });

  it("takes no code by mail that a mailed reset made void, nor what was proved with it, and says so", () => {
    const mail = authenticator("mail", "email-code", { voidSince: ago(60) });
    expect(decide(unlocked, facts({ authenticators: [mail] })).outcome).toBe("enrol");
    expect(codes(unlocked, { authenticators: [mail] })).toContain("void-after-reset");
    const both = facts({ authenticators: [mail, app], evidence: [proof(mail, 5)] });
    expect(decide(unlocked, both)).toMatchObject({ outcome: "step-up", accepted: ["totp"] });
    expect(decide(unlocked, { ...both, authenticators: [{ ...mail, voidSince: null }, app] }).outcome).toBe(
      "satisfied",
    );
  });

  it("does not let an older cookie share in the elevation", () => {
    expect(codes(unlocked, { evidence: [proof(app, 5)], presented: "predecessor" })).toEqual([
      "needs-factor",
      "older-cookie",
    ]);
  });
});

const instant = fc.integer({ min: -4000, max: 4000 }).map(ago);
const perhaps = fc.option(instant, { nil: null });
const seldom = fc.oneof({ weight: 3, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: instant });
const ids = ["a", "b", "c", "d"] as const;
const epoch = fc.integer({ min: 0, max: 2 });

const anyAuthenticators = fc.uniqueArray(
  fc.record({
    id: fc.constantFrom(...ids),
    factor: fc.constantFrom(...enrolledFactors),
    name: fc.string(),
    createdAt: instant,
    probationUntil: seldom,
    suspendedAt: seldom,
    removedAt: seldom,
  }),
  { selector: (one) => one.id, maxLength: 4 },
);

const anyEvidence: fc.Arbitrary<EvidenceFact> = fc.record({
  id: fc.uuid(),
  factor: fc.constantFrom(...factorNames),
  authenticatorId: fc.option(fc.constantFrom(...ids), { nil: null }),
  lockEpoch: epoch,
  provedAt: instant,
});

const drawnFacts: fc.Arbitrary<DecisionFacts> = fc.record({
  authenticators: anyAuthenticators,
  evidence: fc.array(anyEvidence, { maxLength: 5 }),
  recoveryCodesLeft: fc.integer({ min: 0, max: 2 }),
  lockEpoch: epoch,
  presented: fc.constantFrom("current" as const, "current" as const, "predecessor" as const),
  now: fc.constant(now),
});

/** Mostly facts that hang together: evidence that one of the account's authenticators gave lately. */
const anyFacts = fc.tuple(drawnFacts, fc.array(fc.nat(1800))).map(([drawn, ages]): DecisionFacts => {
  const own = drawn.authenticators.flatMap((one, index) =>
    ages[index] === undefined ? [] : [proof(one, ages[index])],
  );
  return {
    ...drawn,
    evidence: [...drawn.evidence, ...own.map((one) => ({ ...one, lockEpoch: drawn.lockEpoch }))],
  };
});

const someFactors = fc.shuffledSubarray([...factorNames]);
const inventedRequirement: fc.Arbitrary<Requirement> = fc.record({
  asks: fc.constant("proof" as const),
  factors: someFactors,
  choose: fc.constantFrom(
    "any" as const,
    "strongest" as const,
    "strongest-settled" as const,
    "strongest-ever" as const,
  ),
  whenNone: someFactors,
  also: someFactors,
  binding: fc.constantFrom("session" as const, "input" as const),
  maxAgeSeconds: fc.integer({ min: 0, max: 2000 }),
  probation: fc.constantFrom("accepted" as const, "refused" as const),
});
const tableRow = fc.constantFrom<Requirement>(...Object.values(protectedActions));
const anyRequirement = fc.oneof(tableRow, inventedRequirement);
const sessionBound = inventedRequirement.map((one): Requirement => ({ ...one, binding: "session" }));

const anyRule: fc.Arbitrary<PolicyRule> = fc.record(
  {
    factors: fc.shuffledSubarray([...factorNames], { minLength: 1 }),
    maxAgeSeconds: fc.integer({ min: 0, max: 5000 }),
    binding: fc.constant("input" as const),
    probation: fc.constant("refused" as const),
  },
  { requiredKeys: [] },
);

const satisfied = fc
  .tuple(sessionBound, anyFacts)
  .filter(([requirement, given]) => decide(requirement, given).outcome === "satisfied");

/** Takes cases in which the session has what is demanded, spoils them, and expects that it has it no more. */
function noMoreWhen(spoil: (requirement: Requirement, given: DecisionFacts) => Partial<DecisionFacts>) {
  fc.assert(
    fc.property(satisfied, ([requirement, given]) => {
      expect(decide(requirement, { ...given, ...spoil(requirement, given) }).outcome).not.toBe("satisfied");
    }),
  );
}

/** The same, each proof spoilt by itself. */
function noMoreWhenEach(
  spoil: (one: EvidenceFact, requirement: Requirement, given: DecisionFacts) => EvidenceFact,
) {
  noMoreWhen((requirement, given) => ({
    evidence: given.evidence.map((one) => spoil(one, requirement, given)),
  }));
}

const isThing = (one: EvidenceFact) => enrolledFactors.some((factor) => factor === one.factor);
const alive = (one: AuthenticatorFact) => one.removedAt === null && one.suspendedAt === null;

describe("a decision, whatever the facts", () => {
  it("is total: every combination of facts gets one", () => {
    fc.assert(
      fc.property(anyRequirement, anyFacts, (requirement, given) => {
        expect(["satisfied", "step-up", "enrol", "refused"]).toContain(decide(requirement, given).outcome);
      }),
      { numRuns: 1000 },
    );
  });

  it("is the same for the same facts, and changes none of them", () => {
    fc.assert(
      fc.property(anyRequirement, anyFacts, (requirement, given) => {
        const before = structuredClone({ requirement, given });
        expect(decide(requirement, given)).toEqual(decide(requirement, given));
        expect({ requirement, given }).toEqual(before);
      }),
    );
  });

  it("is never satisfied by evidence of another lock epoch", () => {
    noMoreWhenEach((one, _, given) => ({ ...one, lockEpoch: given.lockEpoch + 1 }));
    noMoreWhenEach((one, _, given) => ({ ...one, lockEpoch: given.lockEpoch - 1 }));
  });

  it("is never satisfied for a predecessor's cookie", () => {
    noMoreWhen(() => ({ presented: "predecessor" }));
  });

  it("is never satisfied by what a removed or suspended authenticator proved", () => {
    for (const ended of ["removedAt", "suspendedAt"]) {
      noMoreWhen((_, given) => {
        const evidence = given.evidence.filter(isThing);
        const proving = new Set(evidence.map((one) => one.authenticatorId));
        const authenticators = given.authenticators.map((one) =>
          proving.has(one.id) ? { ...one, [ended]: ago(1) } : one,
        );
        return { evidence, authenticators };
      });
    }
  });

  it("is never satisfied by evidence that names no authenticator of the account", () => {
    noMoreWhenEach((one) => ({ ...one, factor: "totp", authenticatorId: "somebody else's" }));
    noMoreWhenEach((one) => ({ ...one, factor: "passkey", authenticatorId: null }));
  });

  it("is never satisfied by evidence that is too old", () => {
    noMoreWhenEach((one, requirement) => ({ ...one, provedAt: ago(requirement.maxAgeSeconds) }));
    noMoreWhenEach((one) => ({ ...one, provedAt: ago(1e9) }));
  });

  it("is never satisfied by evidence from the future", () => {
    noMoreWhenEach((one) => ({ ...one, provedAt: new Date(now.getTime() + 1) }));
    noMoreWhenEach((one) => ({ ...one, provedAt: ahead(1e9) }));
  });

  it("is never satisfied by a factor that is not accepted", () => {
    noMoreWhen((requirement, given) => {
      const accepted = acceptedFactors(requirement, given);
      return { evidence: given.evidence.filter((one) => !accepted.includes(one.factor)) };
    });
  });

  it("is never satisfied by a past proof where exactly this has to be confirmed", () => {
    fc.assert(
      fc.property(satisfied, ([requirement, given]) => {
        const decision = decide({ ...requirement, binding: "input" }, given);
        expect(decision.outcome).toBe("step-up");
        const [needs, why] = decision.reasons;
        expect([needs?.code, why?.code]).toEqual(["needs-factor", "exactly-this"]);
      }),
    );
  });

  it("neither takes nor offers an authenticator on probation where probation is refused", () => {
    fc.assert(
      fc.property(satisfied, ([requirement, given]) => {
        const authenticators = given.authenticators.map((one) => ({ ...one, probationUntil: ahead(1) }));
        const young = { ...given, authenticators, evidence: given.evidence.filter(isThing) };
        const decision = decide({ ...requirement, probation: "refused" }, young);
        expect(decision.outcome).not.toBe("satisfied");
        if (decision.outcome === "step-up") expect(decision.answering).toEqual([]);
      }),
    );
  });

  it("lets only authenticators answer that are neither removed nor suspended", () => {
    fc.assert(
      fc.property(anyRequirement, anyFacts, (requirement, given) => {
        const decision = decide(requirement, given);
        if (decision.outcome === "step-up") expect(decision.answering.every(alive)).toBe(true);
      }),
    );
  });

  it("always says why it asks, and always offers something to answer with", () => {
    fc.assert(
      fc.property(anyRequirement, anyFacts, (requirement, given) => {
        const decision = decide(requirement, given);
        if (decision.outcome !== "step-up") return;
        expect(decision.reasons.length).toBeGreaterThanOrEqual(2);
        expect(decision.accepted.length).toBeGreaterThan(0);
      }),
    );
  });
});

describe("what administrators tighten", () => {
  it("never turns a refusal into permission, whatever the floor and the rule", () => {
    fc.assert(
      fc.property(anyRequirement, anyRule, anyFacts, (floor, rule, given) => {
        if (decide(tighten(floor, rule), given).outcome === "satisfied")
          expect(decide(floor, given).outcome).toBe("satisfied");
      }),
      { numRuns: 3000 },
    );
  });

  it("never accepts a factor that the floor doesn't accept of this person", () => {
    fc.assert(
      fc.property(anyRequirement, anyRule, anyFacts, (floor, rule, given) => {
        const accepted = acceptedFactors(floor, given);
        for (const factor of acceptedFactors(tighten(floor, rule), given)) expect(accepted).toContain(factor);
      }),
      { numRuns: 3000 },
    );
  });

  it("never makes a code enough for the account's security where the floor demands its passkey", () => {
    const given = facts({ authenticators: [app, passkey] });
    for (const floor of [strongest, administrative]) {
      expect(acceptedFactors(floor, given)).toEqual(["passkey"]);
      expect(acceptedFactors(tighten(floor, { factors: ["totp"] }), given)).not.toContain("totp");
    }
  });

  it("is never satisfied where no factor is left", () => {
    fc.assert(
      fc.property(sessionBound, anyFacts, (requirement, given) => {
        const floor: Requirement = { ...requirement, factors: ["passkey", "totp"], whenNone: [], also: [] };
        const nothing = tighten(floor, { factors: ["password"] });
        expect(nothing.factors).toEqual([]);
        expect(["refused", "enrol"]).toContain(decide(nothing, given).outcome);
      }),
    );
  });
});

describe("no weaker than the strongest factor (threats.md 18, 20)", () => {
  const rule = fc.option(fc.record({ maxAgeSeconds: fc.integer({ min: 0, max: 900 }) }), { nil: undefined });
  const accepts = (requirement: Requirement, given: DecisionFacts): readonly FactorName[] => {
    const decision = decide(requirement, given);
    return decision.outcome === "step-up" ? decision.accepted : [];
  };

  it("accepts no code for the account's security while it has an active passkey", () => {
    fc.assert(
      fc.property(anyFacts, rule, (given, tightened) => {
        const owner = { ...given, authenticators: [...given.authenticators, passkey] };
        expect(accepts(tighten(strongest, tightened), owner)).not.toContain("totp");
        expect(accepts(strongest, owner)).not.toContain("password");
      }),
    );
  });

  it("accepts the code again where the passkey was removed, unless the requirement remembers it", () => {
    const given = facts({ authenticators: [app, { ...passkey, removedAt: ago(10) }] });
    expect(accepts(strongest, given)).toEqual(["totp"]);
    expect(accepts(administrative, given)).toEqual([]);
  });

  it("accepts no code of an administrator who ever had a passkey, whatever became of it", () => {
    fc.assert(
      fc.property(anyFacts, perhaps, perhaps, (given, removedAt, suspendedAt) => {
        const had = {
          ...given,
          authenticators: [...given.authenticators, { ...passkey, removedAt, suspendedAt }],
        };
        expect(accepts(administrative, had)).not.toContain("totp");
        expect(decide(administrative, had).outcome).not.toBe("satisfied");
      }),
    );
  });

  it("never takes the password in place of a second factor once there was one, even a removed one", () => {
    fc.assert(
      fc.property(tableRow, anyFacts, (row, given) => {
        const had = { ...given, authenticators: [...given.authenticators, { ...app, removedAt: ago(1) }] };
        expect(accepts(row, had)).not.toContain("password");
        if (row.asks === "proof") {
          const byPassword = had.evidence.map((one) => ({ ...one, factor: "password" as const }));
          expect(decide(row, { ...had, evidence: byPassword }).outcome).not.toBe("satisfied");
        }
      }),
    );
  });
});
