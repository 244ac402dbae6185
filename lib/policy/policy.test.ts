import { describe, expect, it } from "vitest";
import type { Role } from "@/db/schema/people";
import { protectedActions } from "@/lib/protected-actions";
import { requirementOf } from "./policy";

function of(actions: unknown, role: Role = "employee", rest: object = {}) {
  return { policy: { actions, ...rest }, person: { role } };
}

describe("requirementOf", () => {
  it("is the table's floor where no rule was made", () => {
    expect(requirementOf("contract.view", of({}))).toEqual(protectedActions["contract.view"]);
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
    expect(requirementOf("customer.create", of(policyRules))).toEqual(protectedActions["customer.create"]);
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
      expect(requirementOf(name, of({}, "administrator"))).toEqual(protectedActions[name]);
  });
});
