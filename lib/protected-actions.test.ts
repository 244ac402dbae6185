import { describe, expect, it } from "vitest";
import { type ActionName, protectedActions } from "./protected-actions";
import { sentCodeFactors } from "./step-up/facts";
import type { Requirement } from "./step-up/requirement";

/*
 * The requirements by default, row by row, as the product promises them: written out again here, so that nobody
 * loosens one unnoticed. Factors stand strongest first.
 */
type Promised = Omit<Requirement, "asks"> | "signed in";

function session(factors: Requirement["factors"], rest: Partial<Requirement> = {}): Promised {
  return {
    factors,
    choose: "any",
    whenNone: [],
    also: [],
    binding: "session",
    maxAgeSeconds: 900,
    probation: "accepted",
    ...rest,
  };
}
function input(factors: Requirement["factors"], rest: Partial<Requirement> = {}): Promised {
  return {
    factors,
    choose: "any",
    whenNone: [],
    also: [],
    binding: "input",
    maxAgeSeconds: 0,
    probation: "accepted",
    ...rest,
  };
}

const either: Requirement["factors"] = ["passkey", "totp"];
/** Daily work: what administrators may open to codes that are sent. */
const anySecond: Requirement["factors"] = [...either, "sms-code", "email-code"];

const promised: Record<ActionName, Promised> = {
  "contract.view": session(anySecond),
  "contract.download": session(anySecond),
  "contract.edit": session(anySecond),
  "customer.edit": session(anySecond),
  "customer.create": session(anySecond),
  "customer.archive": session(anySecond),
  "customer.download-receipt": session(either),

  "customer.change-bank-details": input(either, { probation: "refused" }),
  "customer.export": input(either, { probation: "refused" }),
  "customer.import": input(either, { probation: "refused" }),

  "security.enrol-first-factor": input([], { choose: "strongest", whenNone: ["password"] }),
  "security.enrol-factor": input(either, { choose: "strongest", also: ["recovery-code"] }),
  "security.remove-factor": input(either, { choose: "strongest-settled", probation: "refused" }),
  "security.rename-factor": session(either, { whenNone: ["password"] }),
  "security.remove-trusted-devices": "signed in",
  "security.end-sessions": session(either, { whenNone: ["password"] }),
  "security.generate-recovery-codes": input(either, {
    choose: "strongest-settled",
    whenNone: ["password"],
    probation: "refused",
  }),
  "security.change-password": input(either, {
    choose: "strongest-settled",
    whenNone: ["password"],
    probation: "refused",
  }),
  "security.change-email": input(either, {
    choose: "strongest-settled",
    whenNone: ["password"],
    probation: "refused",
  }),

  "admin.change-policy": input(either, { choose: "strongest-ever", probation: "refused" }),
  "admin.try-factor": input(either, { choose: "strongest-ever", probation: "refused" }),
  "admin.confirm-trial": session(either, { choose: "strongest-ever", probation: "refused" }),
  "admin.change-factors": input(either, { choose: "strongest-ever", probation: "refused" }),
  "admin.invite": input(either, { choose: "strongest-ever", probation: "refused" }),
  "admin.change-role": input(either, { choose: "strongest-ever", probation: "refused" }),
  "admin.disable-user": input(either, { choose: "strongest-ever", probation: "refused" }),
  "admin.reset-factors": input(either, { choose: "strongest-ever", probation: "refused" }),
  "admin.approve": input(either, { choose: "strongest-ever", probation: "refused" }),
  "admin.answer-help": input(either, { choose: "strongest-ever", probation: "refused" }),
  "admin.export-audit": input(either, { choose: "strongest-ever", probation: "refused" }),

  // The ticket of an enrolment is the proof of its activation; the others only take something away, or ask.
  "security.enrol-after-reset": "signed in",
  "security.activate-factor": "signed in",
  "security.confirm-mailed-code": "signed in",
  "security.send-enrolment-code": "signed in",
  "security.ask-for-help": "signed in",
  "security.cancel-email-change": "signed in",
  "admin.preview-policy": "signed in",
  "admin.download-receipt": session(either, { choose: "strongest-ever", probation: "refused" }),
  "session.finish-sign-in": session(anySecond, { maxAgeSeconds: 60 }),
  "session.lock": "signed in",
  "session.sign-out": "signed in",
  "session.cancel-prompt": "signed in",
  "session.send-code": "signed in",
};

const names = Object.keys(promised) as ActionName[];

describe("requirements by default", () => {
  it("has a row for every promised action, and no other", () => {
    expect(Object.keys(protectedActions).sort()).toEqual([...names].sort());
  });

  it.each(names.filter((name) => promised[name] !== "signed in"))("%s demands what is promised", (name) => {
    expect(protectedActions[name]).toEqual({ asks: "proof", ...(promised[name] as object) });
  });

  it.each(names.filter((name) => promised[name] === "signed in"))(
    "%s demands a session and no more",
    (name) => {
      expect(protectedActions[name].asks).toBe("session");
    },
  );

  it("never takes a password or a recovery code for customers, contracts or administration", () => {
    for (const name of names.filter(
      (one) => /^(customer|contract|admin)\./.test(one) && promised[one] !== "signed in",
    )) {
      const { factors, whenNone, also } = protectedActions[name];
      const strong = [...factors, ...whenNone, ...also].filter((factor) => !sentCodeFactors.includes(factor));
      expect(strong.sort(), name).toEqual(["passkey", "totp"]);
    }
  });

  it("takes session evidence for no change of the account's security but names and sign-outs", () => {
    const bySession = names.filter(
      (one) => one.startsWith("security.") && protectedActions[one].binding === "session",
    );
    // The others are those that being signed in is enough for: they finish with a ticket, ask, or give up.
    expect(bySession.filter((one) => protectedActions[one].asks === "proof").sort()).toEqual([
      "security.end-sessions",
      "security.rename-factor",
    ]);
  });
});
