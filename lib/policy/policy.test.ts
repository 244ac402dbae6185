import { describe, expect, it } from "vitest";
import { type Role, roles } from "@/db/schema/people";
import { type ActionName, protectedActions } from "@/lib/protected-actions";
import { sentCodeFactors } from "@/lib/step-up/facts";
import { withoutFactors } from "@/lib/step-up/requirement";
import { requirementOf } from "./policy";

function of(actions: unknown, role: Role = "employee", rest: object = {}) {
  return { policy: { actions, ...rest }, person: { role } };
}

/** The floor where no administrator has said anything yet: codes that are sent are off. */
function newInstallation(name: ActionName) {
  return withoutFactors(protectedActions[name], sentCodeFactors);
}

describe("requirementOf", () => {
  it("is the table's floor where no rule was made", () => {
    expect(requirementOf("contract.view", of({}))).toEqual(newInstallation("contract.view"));
  });

  it("is tightened by the rule of this action, and by no other's", () => {
    const policyRules = {
      "contract.view": { maxAgeSeconds: 60, binding: "input" },
      "customer.edit": { maxAgeSeconds: 5 },
    };
    expect(requirementOf("contract.view", of(policyRules))).toMatchObject({
      maxAgeSeconds: 60,
      binding: "input",
    });
    expect(requirementOf("customer.create", of(policyRules))).toEqual(newInstallation("customer.create"));
  });

  it("never goes below the floor", () => {
    const policyRules = { "contract.view": { maxAgeSeconds: 86_400, factors: ["password", "totp"] } };
    expect(requirementOf("contract.view", of(policyRules))).toMatchObject({
      maxAgeSeconds: 900,
      factors: ["totp"],
    });
  });

  it.each([
    ["null", null],
    ["text", "{}"],
    ["a list", []],
    ["a rule that loosens the binding", { "contract.view": { binding: "session" } }],
    ["a rule with an unknown member", { "contract.view": { maxAge: 60 } }],
    ["a rule with an unknown factor", { "contract.view": { factors: ["sms"] } }],
    ["a rule that is null", { "contract.view": null }],
    ["a rule for an action that there isn't", { "contract.views": { maxAgeSeconds: 60 } }],
    ["an unreadable rule of another action", { "customer.edit": { maxAgeSeconds: "60" } }],
  ])("refuses rather than fall back to the floor when the rules are %s", (_, policyRules) => {
    expect(() => requirementOf("contract.view", of(policyRules))).toThrow();
  });

  it.each(["customer.delete", "", "contract.view "])("knows no action %j and says so", (action) => {
    expect(() => requirementOf(action, of({}))).toThrow(/no protected action/);
  });

  it("takes no member that every object has for a row of the table", () => {
    for (const action of ["toString", "constructor", "__proto__", "hasOwnProperty"]) {
      expect(() => requirementOf(action, of({})), action).toThrow(/no protected action/);
    }
  });

  it("asks administrators for the strongest that they ever had, on their own account as in administration", () => {
    const own = Object.entries(protectedActions).filter(
      ([name, { choose }]) => /^security/.test(name) && choose !== "any",
    );
    expect(own.map(([name]) => name)).toContain("security.enrol-factor");
    for (const [name, floor] of own) {
      expect(requirementOf(name, of({}, "administrator")), name).toEqual({
        ...floor,
        choose: "strongest-ever",
      });
      expect(requirementOf(name, of({}, "manager")), name).toEqual(floor);
    }
    for (const name of ["contract.view", "security.end-sessions", "session.lock", "admin.invite"] as const)
      expect(requirementOf(name, of({}, "administrator"))).toEqual(newInstallation(name));
  });
});

/*
 * Codes that are sent × every action × role × rule × switch: they unlock daily work where administrators switched them
 * on, and nothing else, whatever the policy says (threats.md 20a).
 */
describe("codes that are sent", () => {
  const daily = ["customer.edit", "customer.create", "customer.archive"].concat(
    ["view", "download", "edit"].map((one) => `contract.${one}`),
  );
  const rules = {
    none: undefined,
    input: { binding: "input" },
    "their own factor alone": { factors: [...sentCodeFactors] },
    "all factors, for exactly this": { factors: ["passkey", "totp", ...sentCodeFactors], binding: "input" },
    younger: { maxAgeSeconds: 60 },
  } as const;
  const actions = Object.keys(protectedActions) as ActionName[];
  const on = { factors: { "sms-code": true, "email-code": true } };

  describe.each(roles)("for %s", (role) => {
    /** Administrators' and auditors' sign-in takes none either. */
    const works = role === "employee" || role === "manager";
    describe.each(Object.keys(rules) as (keyof typeof rules)[])("under the rule %s", (given) => {
      const rule = rules[given];
      const isExact = rule !== undefined && "binding" in rule;

      it.each(actions)("%s", (action) => {
        const asked = of(rule ? { [action]: rule } : {}, role, on);
        const { factors, whenNone, also, chooseFrom = [] } = requirementOf(action, asked);
        const sent = [...factors, ...whenNone, ...also, ...chooseFrom].filter((one) =>
          sentCodeFactors.includes(one),
        );
        const isOpen = daily.includes(action) || (action === "session.finish-sign-in" && works);
        expect(sent).toEqual(isOpen && !isExact ? ["sms-code", "email-code"] : []);
        const off = requirementOf(action, of(rule ? { [action]: rule } : {}, role));
        expect(
          [...off.factors, ...off.whenNone, ...off.also].filter((one) => sentCodeFactors.includes(one)),
        ).toEqual([]);
      });
    });
  });

  it("are off until administrators switch them on, one by one", () => {
    const accepted = (rest: object) => requirementOf("customer.edit", of({}, "employee", rest)).factors;
    expect(accepted({})).toEqual(["passkey", "totp"]);
    expect(accepted({ factors: { "sms-code": true } })).toEqual(["passkey", "totp", "sms-code"]);
    expect(accepted({ factors: { "email-code": true } })).toEqual(["passkey", "totp", "email-code"]);
    expect(accepted({ factors: { "email-code": false } })).toEqual(["passkey", "totp"]);
  });
});
