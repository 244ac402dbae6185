import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { roles } from "@/db/schema/people";
import { comesTo } from "@/lib/access/work";
import { type ActionName, protectedActions } from "@/lib/protected-actions";
import { differences, loosens } from "./compare";
import { withAllFactors } from "./demands";
import {
  type ActionRule,
  actionRule,
  type PolicyDocument,
  policyDocument,
  signInModes,
  switchableFactors,
} from "./document";
import { requirementUnder } from "./policy";

const none = policyDocument.parse({});
const names = Object.keys(protectedActions) as ActionName[];

/** Some read alike when they are rounded. */
const ages = [60, 61, 119, 120, 150, 200, 210, 899, 900];

const anyRule = fc
  .record(
    {
      factors: fc.subarray([...switchableFactors], { minLength: 1 }),
      maxAgeSeconds: fc.constantFrom(...ages),
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

/** One action's rule changed, and nothing else: what two policies drawn at random rarely are. */
const oneRule = fc
  .record({ policy: anyPolicy, name: fc.constantFrom(...names), from: anyRule, to: anyRule })
  .map(({ policy, name, from, to }) => {
    const ruled = (rule: ActionRule) => ({ ...policy, actions: { ...policy.actions, [name]: rule } });
    return { name, before: ruled(from), after: ruled(to) };
  });

/** Everything that a policy lets through at an action, one by one. */
function letThrough(policy: PolicyDocument, name: ActionName): Set<string> {
  const ways = roles
    .filter((role) => comesTo(role, name))
    .flatMap((role) => {
      const { asks, factors, also, whenNone, binding, maxAgeSeconds, probation } = requirementUnder(
        policy,
        name,
        {
          role,
        },
      );
      if (asks === "nobody") return [];
      const fresh = binding === "input" ? [0] : [0, ...ages].filter((age) => age <= maxAgeSeconds);
      return [...factors, ...also, ...whenNone].flatMap((factor) =>
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

  it("calls nothing easier that lets nothing more through, not even once every factor is on", () => {
    fc.assert(
      fc.property(oneRule, ({ before, after, name }) => {
        if (!loosens(differences(before, after))) return;
        const had = letThrough(withAllFactors(before), name);
        const has = [...letThrough(withAllFactors(after), name)];
        // Open again to a role, and to no factor: what problems.ts refuses.
        if (has.length > 0) expect(has.some((way) => !had.has(way))).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });

  it("lets nobody widen a rule by a factor that is off, for the day on which it is switched on", () => {
    fc.assert(
      fc.property(oneRule, fc.subarray([...switchableFactors]), ({ before, after, name }, on) => {
        if (loosens(differences(before, after))) return;
        const switched = Object.fromEntries(on.map((factor) => [factor, true]));
        const later = (policy: PolicyDocument) => ({
          ...policy,
          factors: { ...policy.factors, ...switched },
        });
        const had = letThrough(later(before), name);
        expect([...letThrough(later(after), name)].filter((way) => !had.has(way))).toEqual([]);
      }),
      { numRuns: 1000 },
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

  it("and tightens: each difference does one of the two, and the other way round the other one", () => {
    fc.assert(
      fc.property(oneRule, ({ before, after }) => {
        const back = differences(after, before);
        for (const [index, { label, loosens, tightens }] of differences(before, after).entries()) {
          expect(loosens || tightens, label).toBe(true);
          expect(back[index], label).toMatchObject({ loosens: tightens, tightens: loosens });
        }
      }),
      { numRuns: 300 },
    );
  });

  it.each<[string, object, object]>([
    ["another factor in place of one", { factors: ["totp"] }, { factors: ["passkey"] }],
    ["a longer age, and none on probation", { maxAgeSeconds: 60 }, { probation: "refused" }],
    ["one role in place of another", { roles: ["manager"] }, { roles: ["employee"] }],
  ])("and tightens in one, told as both: %s", (_, from, to) => {
    const ruled = (rule: object) => policyDocument.parse({ actions: { "customer.edit": rule } });
    expect(differences(ruled(from), ruled(to))).toMatchObject([{ loosens: true, tightens: true }]);
  });

  it.each<[string, object, object, boolean]>([
    ["a longer age", { actions: { "contract.view": { maxAgeSeconds: 60 } } }, {}, true],
    ["a shorter age", {}, { actions: { "contract.view": { maxAgeSeconds: 60 } } }, false],
    [
      "another factor that is off",
      { actions: { "customer.edit": { factors: ["passkey", "totp"] } } },
      { actions: { "customer.edit": { factors: ["passkey", "totp", "sms-code"] } } },
      true,
    ],
    ["exactly this instead of 15 minutes", {}, { actions: { "customer.edit": { binding: "input" } } }, false],
    [
      "exactly this instead of a minute",
      { actions: { "customer.edit": { maxAgeSeconds: 60 } } },
      { actions: { "customer.edit": { binding: "input" } } },
      false,
    ],
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
      { label: "Recovery code", from: "on", to: "off", loosens: false, tightens: true },
      {
        label: "Second factor at sign-in",
        from: "Never: only at sensitive work",
        to: "At every sign-in",
        loosens: false,
        tightens: true,
      },
      {
        label: "Second factor of every employee",
        from: "not demanded",
        to: "within 14 days",
        loosens: false,
        tightens: true,
      },
      {
        label: "View a contract",
        from: "Passkey and Authenticator app, within 15 minutes",
        to: "Passkey, within 5 minutes, manager only",
        loosens: false,
        tightens: true,
      },
    ]);
  });

  it("reads differently on its two sides, whatever it is", () => {
    fc.assert(
      fc.property(anyPolicy, anyPolicy, (before, after) => {
        for (const { label, from, to } of differences(before, after)) expect(from, label).not.toBe(to);
      }),
      { numRuns: 300 },
    );
  });

  const told = (before: object, after: object) =>
    differences(policyDocument.parse(before), policyDocument.parse(after)).map(({ from, to }) => [from, to]);

  it.each<[string, object, object, [string, string]]>([
    [
      "probation, where the binding is exact anyway",
      { "security.enrol-factor": { probation: "refused" } },
      {},
      [
        "Passkey and Authenticator app or Recovery code, for exactly this, not on probation",
        "Passkey and Authenticator app or Recovery code, for exactly this",
      ],
    ],
    [
      "seconds",
      { "contract.view": { maxAgeSeconds: 150 } },
      { "contract.view": { maxAgeSeconds: 200 } },
      [
        "Passkey and Authenticator app, within 2 minutes 30 seconds",
        "Passkey and Authenticator app, within 3 minutes 20 seconds",
      ],
    ],
    [
      "a factor that is off",
      { "contract.view": { factors: ["passkey"] } },
      { "contract.view": { factors: ["passkey", "sms-code"] } },
      ["Passkey, within 15 minutes", "Passkey and SMS code (once switched on), within 15 minutes"],
    ],
  ])("tells %s", (_, before, after, words) => {
    expect(told({ actions: before }, { actions: after })).toEqual([words]);
  });

  it("tells what a factor opens that is switched on", () => {
    const rules = { "contract.view": { factors: ["totp"] }, "customer.create": { roles: ["manager"] } };
    expect(told({ actions: rules }, { actions: rules, factors: { "sms-code": true } })).toEqual([
      ["off", "on, for: Edit a customer, Create a customer and Confirm a sign-in"],
    ]);
  });

  it("is nothing for the same policy, said otherwise", () => {
    const same = policyDocument.parse({ factors: { totp: true }, actions: { "contract.view": {} } });
    expect(differences(none, same)).toEqual([]);
  });
});
