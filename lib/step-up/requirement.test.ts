import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { factorNames } from "@/db/schema/step-up";
import type { AuthenticatorFact } from "./facts";
import { acceptedFactors, type Means, policyRule, type Requirement, signedIn, tighten } from "./requirement";

const floor: Requirement = {
  asks: "proof",
  factors: ["passkey", "totp"],
  choose: "any",
  whenNone: [],
  also: [],
  binding: "session",
  maxAgeSeconds: 900,
  probation: "accepted",
};

const at = new Date("2026-03-02T09:00:00.000Z");

function owns(...owned: (Partial<AuthenticatorFact> & { factor: "totp" | "passkey" })[]): Means {
  const blank = { name: "Phone", createdAt: at, probationUntil: null, suspendedAt: null, removedAt: null };
  return {
    authenticators: owned.map((one, index) => ({ id: `a${index}`, ...blank, ...one })),
    recoveryCodesLeft: 0,
    now: at,
  };
}

const both = owns({ factor: "totp" }, { factor: "passkey" });

describe("tighten", () => {
  it.each([
    ["a shorter age", { maxAgeSeconds: 60 }, { maxAgeSeconds: 60 }],
    ["no longer age", { maxAgeSeconds: 3600 }, { maxAgeSeconds: 900 }],
    ["age nought", { maxAgeSeconds: 0 }, { maxAgeSeconds: 0 }],
    ["fewer factors", { factors: ["passkey" as const] }, { factors: ["passkey"] }],
    ["no other factors", { factors: ["recovery-code" as const, "totp" as const] }, { factors: ["totp"] }],
    [
      "the floor's order of strength",
      { factors: ["totp" as const, "passkey" as const] },
      { factors: ["passkey", "totp"] },
    ],
    ["a closer binding", { binding: "input" as const }, { binding: "input" }],
    ["no probation", { probation: "refused" as const }, { probation: "refused" }],
    ["nothing for an empty rule", {}, {}],
  ])("gives %s", (_, rule, changed) => {
    expect(tighten(floor, rule)).toEqual({ ...floor, ...changed });
  });

  it("leaves the floor as it is without a rule", () => {
    expect(tighten(floor, undefined)).toEqual(floor);
  });

  it("keeps locking and signing out free of any proof, so that nobody is held in", () => {
    expect(tighten(signedIn, { binding: "input", factors: ["passkey"], probation: "refused" })).toEqual(
      signedIn,
    );
  });

  it("leaves a refused probation refused, and a binding to the input bound", () => {
    const close: Requirement = { ...floor, binding: "input", probation: "refused" };
    expect(tighten(close, { maxAgeSeconds: 60 })).toMatchObject({ binding: "input", probation: "refused" });
  });

  it("changes nothing a second time, and ends at the same whichever rule comes first", () => {
    const rule = fc.record(
      { maxAgeSeconds: fc.nat(2000), factors: fc.shuffledSubarray([...factorNames], { minLength: 1 }) },
      { requiredKeys: [] },
    );
    fc.assert(
      fc.property(rule, rule, (first, second) => {
        expect(tighten(tighten(floor, first), first)).toEqual(tighten(floor, first));
        expect(tighten(tighten(floor, first), second)).toEqual(tighten(tighten(floor, second), first));
      }),
    );
  });
});

describe("a rule as it is stored", () => {
  it.each([
    ["a looser binding", { binding: "session" }],
    ["probation back", { probation: "accepted" }],
    ["no factor at all", { factors: [] }],
    ["a factor that isn't one", { factors: ["sms"] }],
    ["a negative age", { maxAgeSeconds: -1 }],
    ["a fraction of a second", { maxAgeSeconds: 1.5 }],
    ["an endless age", { maxAgeSeconds: Number.POSITIVE_INFINITY }],
    ["a member of the floor that no rule may set", { asks: "session" }],
    ["another way to choose", { choose: "any" }],
    ["the password where there is no factor", { whenNone: ["password"] }],
  ])("cannot say %s", (_, rule) => {
    expect(policyRule.safeParse(rule).success).toBe(false);
  });
});

describe("acceptedFactors", () => {
  const strongest: Requirement = { ...floor, choose: "strongest", whenNone: ["password"] };
  const ever: Requirement = { ...floor, choose: "strongest-ever" };

  it("are those that the person has, strongest first", () => {
    expect(acceptedFactors(floor, both)).toEqual(["passkey", "totp"]);
    expect(acceptedFactors(floor, owns({ factor: "totp" }))).toEqual(["totp"]);
    expect(acceptedFactors(floor, owns())).toEqual([]);
  });

  it("leave out what was removed or suspended", () => {
    expect(acceptedFactors(floor, owns({ factor: "totp" }, { factor: "passkey", removedAt: at }))).toEqual([
      "totp",
    ]);
    expect(acceptedFactors(floor, owns({ factor: "totp" }, { factor: "passkey", suspendedAt: at }))).toEqual([
      "totp",
    ]);
  });

  it("are the strongest alone where the strongest is demanded", () => {
    expect(acceptedFactors(strongest, both)).toEqual(["passkey"]);
    expect(
      acceptedFactors(strongest, owns({ factor: "totp" }, { factor: "passkey", removedAt: at })),
    ).toEqual(["totp"]);
  });

  it("are the strongest that is off probation: a thief's new passkey shuts out no owner with an app", () => {
    const later = new Date(at.getTime() + 1);
    const settled: Requirement = { ...strongest, choose: "strongest-settled", probation: "refused" };
    const young = { factor: "passkey" as const, probationUntil: later };
    expect(acceptedFactors(settled, owns({ factor: "totp" }, young))).toEqual(["totp"]);
    expect(acceptedFactors(settled, both)).toEqual(["passkey"]);
    expect(acceptedFactors(settled, owns({ factor: "totp" }, { ...young, probationUntil: at }))).toEqual([
      "passkey",
    ]);
    // Nothing else is there: the decision says until when.
    expect(acceptedFactors(settled, owns(young))).toEqual(["passkey"]);
    expect(acceptedFactors(settled, owns(young, { factor: "totp", removedAt: at }))).toEqual(["passkey"]);
  });

  it("are none where the strongest that the person ever had is gone", () => {
    expect(acceptedFactors(ever, both)).toEqual(["passkey"]);
    expect(acceptedFactors(ever, owns({ factor: "totp" }))).toEqual(["totp"]);
    expect(acceptedFactors(ever, owns({ factor: "totp" }, { factor: "passkey", removedAt: at }))).toEqual([]);
  });

  it("are the password only while there never was a second factor", () => {
    expect(acceptedFactors(strongest, owns())).toEqual(["password"]);
    expect(acceptedFactors(strongest, owns({ factor: "totp", removedAt: at }))).toEqual([]);
    expect(acceptedFactors(strongest, owns({ factor: "totp", suspendedAt: at }))).toEqual([]);
  });

  it("take a recovery code besides, while one is left", () => {
    const enrolling: Requirement = { ...strongest, whenNone: [], also: ["recovery-code"] };
    expect(acceptedFactors(enrolling, { ...both, recoveryCodesLeft: 1 })).toEqual([
      "passkey",
      "recovery-code",
    ]);
    expect(acceptedFactors(enrolling, both)).toEqual(["passkey"]);
    const lost = { ...owns({ factor: "passkey", removedAt: at }), recoveryCodesLeft: 1 };
    expect(acceptedFactors(enrolling, lost)).toEqual(["recovery-code"]);
    expect(acceptedFactors(strongest, { ...both, recoveryCodesLeft: 5 })).toEqual(["passkey"]);
  });
});
