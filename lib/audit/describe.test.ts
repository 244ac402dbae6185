import { describe, expect, it } from "vitest";
import { describeEvent } from "./describe";

const edit = {
  actorName: "Theo Brandt",
  action: "customer.edit",
  outcome: "allowed" as const,
  factor: "totp",
  detail: {},
  changes: [{ field: "phone", from: "+49 40 1", to: "+49 40 2" }],
};
const view = {
  ...edit,
  action: "contract.view",
  changes: [],
  detail: { by: "button" },
  contractTitle: "Master services agreement",
};

describe("an event in words", () => {
  it.each([
    [
      edit,
      "Theo Brandt edited the company: phone from “+49 40 1” to “+49 40 2”, confirmed with an authenticator app.",
    ],
    [
      { ...edit, actorName: null, changes: [] },
      "Somebody edited the company, confirmed with an authenticator app.",
    ],
    [
      { ...edit, detail: { step: "opened-form" } },
      "Theo Brandt unlocked editing, confirmed with an authenticator app.",
    ],
    [
      { ...edit, changes: [], isErased: true },
      "Theo Brandt edited the company (the details have been erased), confirmed with an authenticator app.",
    ],
    [
      view,
      "Theo Brandt opened the contract “Master services agreement”, confirmed with an authenticator app.",
    ],
    [
      { ...view, contractTitle: null, factor: "passkey" },
      "Theo Brandt opened a contract, confirmed with a passkey.",
    ],
    [
      { ...view, outcome: "refused" as const, detail: { reason: "wrong" }, repeats: 3 },
      "Theo Brandt was not allowed to open the contract “Master services agreement”: the proof was wrong, 3 times within a minute.",
    ],
    [
      { ...edit, outcome: "cancelled" as const, factor: null },
      "Theo Brandt began to edit the company and cancelled.",
    ],
    [
      { ...edit, outcome: "failed" as const },
      "Theo Brandt tried to edit the company; it failed, and nothing was changed.",
    ],
    [
      { ...edit, action: "something.new", detail: null, changes: [] },
      "Theo Brandt something.new, confirmed with an authenticator app.",
    ],
    [
      { ...edit, action: "audit.erase", actorName: null, factor: null, changes: [] },
      "The operator erased what the log told of this customer.",
    ],
  ])("reads as a sentence (%#)", (event, sentence) => {
    expect(describeEvent(event)).toBe(sentence);
  });

  it("never tells a whole IBAN", () => {
    const changes = [{ field: "iban", from: "", to: "DE89 3704 0044 0532 0130 00" }];
    const told = describeEvent({ ...edit, action: "customer.change-bank-details", changes });
    expect(told).toContain("IBAN from nothing to “DE••••••••••••••••3000”");
    expect(told).not.toMatch(/3704|0044/);
  });

  it.each([null, "x", 5, [], { step: 1 }])("survives a detail of another form (%j)", (detail) => {
    expect(describeEvent({ ...edit, detail })).toMatch(/^Theo Brandt edited the company/);
  });

  it.each(["constructor", "__proto__", "toString"])("is not misled by an action called %s", (action) => {
    expect(describeEvent({ ...edit, action, detail: {} })).toContain(action);
  });
});
