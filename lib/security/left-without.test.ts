import { describe, expect, it } from "vitest";
import type { Role } from "@/db/schema/people";
import type { Person } from "@/lib/people/person";
import type { AuthenticatorFact, SessionFacts } from "@/lib/step-up/facts";
import { leftWithout } from "./left-without";

const now = new Date("2026-06-01T12:00:00Z");

function has(role: Role, factors: ("totp" | "passkey")[], rules: unknown = {}) {
  const authenticators = factors.map(
    (factor, index): AuthenticatorFact => ({
      id: `${factor}-${index}`,
      factor,
      name: factor,
      createdAt: now,
      probationUntil: null,
      suspendedAt: null,
      removedAt: null,
    }),
  );
  const person = { role } as Person;
  return {
    person,
    authenticators,
    recoveryCodesLeft: 10,
    policy: { actions: rules },
    now,
  } as unknown as SessionFacts<Person>;
}

describe("what is left without a way to confirm", () => {
  it("is everything, when the last authenticator goes; recovery codes confirm no work", () => {
    expect(leftWithout(has("employee", ["totp"]), ["totp-0"])).toBe("any");
    expect(leftWithout(has("employee", ["totp", "passkey"]), ["totp-0", "passkey-1"])).toBe("any");
  });

  it("is nothing, while another one that is accepted stays", () => {
    expect(leftWithout(has("employee", ["totp", "totp"]), ["totp-0"])).toBeNull();
    expect(leftWithout(has("employee", ["totp", "passkey"]), ["passkey-1"])).toBeNull();
  });

  it("is an action of one's own work that a policy lets only this kind confirm", () => {
    const rules = { "contract.view": { factors: ["totp"] } };
    expect(leftWithout(has("employee", ["totp", "passkey"], rules), ["totp-0"])).toBe("contract.view");
    expect(leftWithout(has("employee", ["totp", "passkey"], rules), ["passkey-1"])).toBeNull();
    expect(leftWithout(has("administrator", ["totp", "passkey"], rules), ["totp-0"])).toBeNull();
  });

  it("is an administrator's work, when the passkey goes: a code never suffices again (threats.md 20)", () => {
    expect(leftWithout(has("administrator", ["totp", "passkey"]), ["passkey-1"])).toBe("admin.change-policy");
    expect(leftWithout(has("administrator", ["passkey", "passkey"]), ["passkey-1"])).toBeNull();
  });

  it("counts what comes in its place", () => {
    const ada = has("administrator", ["totp", "passkey"]);
    expect(leftWithout(ada, ["passkey-1"], "totp")).toBe("admin.change-policy");
    expect(leftWithout(ada, ["passkey-1"], "passkey")).toBeNull();
    expect(leftWithout(has("employee", ["totp"]), ["totp-0"], "passkey")).toBeNull();
  });

  it("counts nothing that could not be confirmed before", () => {
    const rules = { "contract.view": { factors: ["passkey"] } };
    expect(leftWithout(has("employee", ["totp", "totp"], rules), ["totp-0"])).toBeNull();
  });
});
