import { describe, expect, it } from "vitest";
import { policyDocument } from "./document";
import { problemsOf } from "./problems";

describe("problemsOf", () => {
  it("finds none in a new installation's policy", () => {
    expect(problemsOf(policyDocument.parse({}))).toEqual([]);
  });

  it.each<[string, object, RegExp]>([
    [
      "a factor that the floor doesn't know",
      { actions: { "contract.view": { factors: ["totp", "password"] } } },
      /never accepts password/,
    ],
    [
      "a rule for what asks for no proof",
      { actions: { "session.lock": { maxAgeSeconds: 60 } } },
      /has no rule/,
    ],
    [
      "a proof for one answer, where a page is read under it",
      { actions: { "contract.view": { binding: "input" } } },
      /can't be bound/,
    ],
    ["an age that no page outlives", { actions: { "contract.view": { maxAgeSeconds: 59 } } }, /at least 60/],
    ["an age beyond the floor's", { actions: { "contract.view": { maxAgeSeconds: 901 } } }, /older than 900/],
    [
      "a role whose work it is not",
      { actions: { "contract.view": { roles: ["manager", "administrator"] } } },
      /no work of the role administrator/,
    ],
    [
      "one's own account, closed to a role",
      { actions: { "security.change-password": { roles: ["manager"] } } },
      /everybody's own/,
    ],
    [
      "administration, closed to administrators",
      { actions: { "admin.export-audit": { roles: ["auditor"] } } },
      /can't be closed to administrators/,
    ],
    ["both factors off", { factors: { passkey: false, totp: false } }, /Nobody could confirm/],
    [
      "the only factor that a rule accepts, off",
      { factors: { passkey: false }, actions: { "customer.edit": { factors: ["passkey"] } } },
      /Nobody could confirm “Edit a customer”/,
    ],
  ])("%s", (_, document, expected) => {
    expect(problemsOf(policyDocument.parse(document)).join("\n")).toMatch(expected);
  });
});
