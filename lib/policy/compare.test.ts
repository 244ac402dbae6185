import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { roles } from "@/db/schema/people";
import { comesTo } from "@/lib/access/work";
import { type ActionName, protectedActions } from "@/lib/protected-actions";
import { differences, loosens } from "./compare";
import { actionRule, type PolicyDocument, policyDocument, signInModes, switchableFactors } from "./document";
import { requirementUnder } from "./policy";

const none = policyDocument.parse({});
const names = Object.keys(protectedActions) as ActionName[];

const anyRule = fc
  .record(
    {
      factors: fc.subarray(["passkey", "totp"] as const, { minLength: 1 }),
      maxAgeSeconds: fc.integer({ min: 60, max: 900 }),
      binding: fc.constant("input" as const),
      probation: fc.constant("refused" as const),
      roles: fc.subarray([...roles], { minLength: 1 }),
    },
    { requiredKeys: [] },
  )
  .map((rule) => actionRule.parse(rule));

const anyPolicy: fc.Arbitrary<PolicyDocument> = fc.record({
  actions: fc.dictionary(fc.constantFrom(...names), anyRule, { maxKeys: 5 }),
  factors: fc.dictionary(fc.constantFrom(...switchableFactors), fc.boolean()),
  signIn: fc.constantFrom(...signInModes),
  enrolment: fc.dictionary(
    fc.constantFrom(...roles),
    fc.record({ graceDays: fc.integer({ min: 0, max: 365 }) }),
  ),
});

/** Everything that a policy lets through at an action, one by one. */
function letThrough(policy: PolicyDocument, name: ActionName): Set<string> {
  const ways = roles
    .filter((role) => comesTo(role, name))
    .flatMap((role) => {
      const { asks, factors, also, binding, maxAgeSeconds, probation } = requirementUnder(policy, name, {
        role,
      });
      if (asks === "nobody") return [];
      const ages = binding === "input" ? [0] : Array.from({ length: 16 }, (_, minute) => minute * 60);
      const fresh = ages.filter((age) => binding === "input" || age <= maxAgeSeconds);
      return [...factors, ...also].flatMap((factor) =>
        fresh.flatMap((age) => [
          `${role} ${factor} ${binding} ${age} settled`,
          ...(probation === "accepted" ? [`${role} ${factor} ${binding} ${age} on probation`] : []),
        ]),
      );
    });
  // A proof for exactly this satisfies what a proof of the session does.
  return new Set(
    ways.flatMap((way) =>
      way.includes(" session ") ? [way, way.replace(/ session \d+/, " input 0")] : [way],
    ),
  );
}

describe("loosens", () => {
  it("finds whatever lets anything through that was stopped before", () => {
    fc.assert(
      fc.property(anyPolicy, anyPolicy, fc.constantFrom(...names), (before, after, name) => {
        const had = letThrough(before, name);
        const more = [...letThrough(after, name)].some((way) => !had.has(way));
        if (more) expect(loosens(differences(before, after))).toBe(true);
      }),
      { numRuns: 2000 },
    );
  });

  it("says of one step there and back that one of the two is easier", () => {
    fc.assert(
      fc.property(anyPolicy, anyPolicy, (one, other) => {
        if (differences(one, other).length > 0)
          expect(loosens(differences(one, other)) || loosens(differences(other, one))).toBe(true);
      }),
    );
  });

  it.each<[string, object, object, boolean]>([
    ["a longer age", { actions: { "contract.view": { maxAgeSeconds: 60 } } }, {}, true],
    ["a shorter age", {}, { actions: { "contract.view": { maxAgeSeconds: 60 } } }, false],
    ["another role", { actions: { "customer.edit": { roles: ["manager"] } } }, {}, true],
    ["a role less", {}, { actions: { "customer.edit": { roles: ["manager"] } } }, false],
    ["a factor on", { factors: { passkey: false } }, {}, true],
    ["a factor off", {}, { factors: { "recovery-code": false } }, false],
    ["probation accepted", { actions: { "customer.edit": { probation: "refused" } } }, {}, true],
    ["no question at sign-in", { signIn: "when-risky" }, { signIn: "never" }, true],
    ["a question at sign-in", { signIn: "when-risky" }, { signIn: "always" }, false],
    [
      "more days to enrol",
      { enrolment: { employee: { graceDays: 3 } } },
      { enrolment: { employee: { graceDays: 4 } } },
      true,
    ],
    ["enrolment demanded", {}, { enrolment: { manager: { graceDays: 365 } } }, false],
    ["enrolment demanded no more", { enrolment: { manager: { graceDays: 0 } } }, {}, true],
    ["nothing", { factors: { totp: true } }, {}, false],
  ])("%s: %#", (_, before, after, expected) => {
    expect(loosens(differences(policyDocument.parse(before), policyDocument.parse(after)))).toBe(expected);
  });
});

describe("differences", () => {
  it("tells old and new in words", () => {
    const after = policyDocument.parse({
      actions: { "contract.view": { factors: ["passkey"], maxAgeSeconds: 300, roles: ["manager"] } },
      signIn: "always",
      enrolment: { employee: { graceDays: 14 } },
      factors: { "recovery-code": false },
    });
    expect(differences(none, after)).toEqual([
      { label: "Recovery code", from: "on", to: "off", loosens: false },
      {
        label: "Second factor at sign-in",
        from: "Never: only at sensitive work",
        to: "At every sign-in",
        loosens: false,
      },
      {
        label: "Second factor of every employee",
        from: "not demanded",
        to: "within 14 days",
        loosens: false,
      },
      {
        label: "View a contract",
        from: "Passkey and Authenticator app, within 15 minutes",
        to: "Passkey, within 5 minutes, manager only",
        loosens: false,
      },
    ]);
  });

  it("is nothing for the same policy, said otherwise", () => {
    const same = policyDocument.parse({ factors: { totp: true }, actions: { "contract.view": {} } });
    expect(differences(none, same)).toEqual([]);
  });
});
