import { describe, expect, it } from "vitest";
import type { Decisions } from "@/lib/oversight/overview/read-decisions";
import type { Deadlines, Due, Strength } from "@/lib/oversight/overview/read-enrolment";
import {
  confirmTimesAnswer,
  deadlinesAnswer,
  endingsAnswer,
  stepUpsAnswer,
  strengthsAnswer,
} from "./answers";

const none: Deadlines["counts"] = { overdue: 0, week: 0, month: 0, later: 0 };
const due = (by: string): Due => ({
  id: by,
  name: "Erin",
  email: "erin@keyturn.example",
  role: "employee",
  by: new Date(by),
});
const deadlines = (counts: Partial<Deadlines["counts"]>, upcoming: Due[] = []): Deadlines => ({
  counts: { ...none, ...counts },
  overdue: [],
  upcoming,
});

describe("the answer about deadlines", () => {
  it.each<[Deadlines, string]>([
    [deadlines({}), "Nobody: whoever has to have a second factor has one."],
    [deadlines({ overdue: 1 }), "1 person is overdue, and nobody else has a deadline."],
    [
      deadlines({ overdue: 1_200, month: 3 }, [due("2026-12-24T12:00:00Z")]),
      "1,200 people are overdue; nobody is due within 7 days. The next deadline is on 24 Dec 2026.",
    ],
    [
      deadlines({ week: 1 }, [due("2026-12-01T12:00:00Z")]),
      "Nobody is overdue; 1 person is due within 7 days. The next deadline is on 1 Dec 2026.",
    ],
  ])("%#", (given, answer) => expect(deadlinesAnswer(given)).toBe(answer));
});

describe("the answer about who can confirm", () => {
  const role = (people: Partial<Record<Strength, number>>) => ({
    role: "employee" as const,
    people: { passkey: 0, totp: 0, code: 0, none: 0, ...people },
  });
  it.each([
    [[], "Nobody has an account yet."],
    [
      [role({ passkey: 2, totp: 1 }), role({ totp: 1 })],
      "All 4 people have a second factor; 2 of them a passkey.",
    ],
    [
      [role({ totp: 3, none: 1 })],
      "3 of 4 people have a second factor, none of them a passkey; 1 has none yet.",
    ],
  ])("%#", (roles, answer) => expect(strengthsAnswer(roles)).toBe(answer));
});

describe("the answers about decisions", () => {
  const days = Array.from({ length: 30 }, (_, day) => `2026-11-${day}`);
  const decisions = (more: Partial<Decisions>): Decisions => ({
    ...{ days, stepUps: [], endings: [], signIns: 0 },
    ...more,
  });
  it.each([
    [decisions({}), "Nobody confirmed anything in the last 30 days."],
    [
      decisions({ signIns: 1 }),
      "Nobody confirmed anything in the last 30 days. 1 sign-in was confirmed besides.",
    ],
    [
      decisions({ stepUps: [{ name: "passkey", values: [1] }] }),
      "1 confirmation in 30 days; 100% with a passkey.",
    ],
    [
      decisions({
        stepUps: [
          { name: "totp", values: [60, 15] },
          { name: "passkey", values: [25] },
        ],
        signIns: 7,
      }),
      "100 confirmations in 30 days, 3 a day; 75% with an authenticator app. 7 sign-ins were confirmed besides.",
    ],
  ])("how often: %#", (given, answer) => expect(stepUpsAnswer(given)).toBe(answer));

  it("how often not", () => {
    expect(endingsAnswer(decisions({}))).toBe("In 30 days nothing was refused, cancelled or failed.");
    const endings = [{ name: "cancelled", values: [2] }];
    expect(endingsAnswer(decisions({ endings }))).toBe(
      "In 30 days 0 refused, 2 cancelled and 0 failed, beside 0 that were confirmed.",
    );
  });

  it("how long", () => {
    expect(confirmTimesAnswer([])).toBe("Nobody confirmed anything lately.");
    const quick = { factor: "passkey", median: 2_340, p95: 5_000, count: 9 };
    expect(confirmTimesAnswer([quick, { ...quick, factor: "totp", median: 9_000 }])).toBe(
      "Half of all confirmations took less than 2.3 s with a passkey; less than 9 s with an authenticator app.",
    );
  });
});
