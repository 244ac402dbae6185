import { describe, expect, it } from "vitest";
import { type Role, roles } from "@/db/schema/people";
import { comesTo } from "@/lib/access/work";
import { type PolicyDocument, policyDocument } from "@/lib/policy/document";
import { requirementUnder } from "@/lib/policy/policy";
import { problemsOf } from "@/lib/policy/problems";
import { type PolicyRow, policyTable } from "@/lib/policy/table";
import { decide } from "@/lib/step-up/decide";
import type { FactorName } from "@/lib/step-up/facts";
import {
  accepts,
  ageOf,
  isChanged,
  isOn,
  isOpenTo,
  offersAge,
  refusesProbation,
  withAge,
  withEnrolment,
  withFactor,
  withProbation,
  withRole,
} from "./draft";

const none = policyDocument.parse({});
const table = policyTable();
/** With every factor on, and as a new installation is. */
const policies = {
  "a new installation": none,
  "everything on": policyDocument.parse({ factors: { "email-code": true, "sms-code": true } }),
};

function ruleOf(draft: PolicyDocument, { action }: PolicyRow) {
  const role = roles.find((one) => comesTo(one, action)) ?? "employee";
  return requirementUnder(policyDocument.parse(JSON.parse(JSON.stringify(draft))), action, { role });
}

const holdings = [
  [],
  ["totp"],
  ["passkey"],
  ["totp", "passkey"],
  ["sms-code", "email-code"],
  ["totp", "sms-code"],
] as const;

/** What the row says that somebody with these could confirm with. */
function shownFor(
  draft: PolicyDocument,
  role: Role,
  row: PolicyRow,
  has: readonly FactorName[],
  codes: boolean,
): FactorName[] {
  if (has.length === 0 && row.whenNone) return ["password"];
  const also = row.also.filter((factor) => codes && isOn(draft, factor)).map(({ name }) => name);
  const ticked = row.factors
    .filter((factor) => accepts(draft, row, factor) && !factor.exceptFor.includes(role))
    .map(({ name }) => name);
  const owned = row.factors.map(({ name }) => name).filter((name) => has.includes(name));
  const chosen = row.choose === "any" ? owned : owned.slice(0, 1);
  return [...chosen.filter((name) => ticked.includes(name)), ...also];
}

/** What `decide` accepts in the end is what the cell says, of every role and whatever they have. */
function expectShownIsAccepted(draft: PolicyDocument, row: PolicyRow): void {
  const now = new Date();
  for (const role of roles.filter((one) => comesTo(one, row.action) && isOpenTo(draft, row, one)))
    for (const has of holdings)
      for (const recoveryCodesLeft of [0, 1]) {
        const authenticators = has.map((factor) => {
          const never = { probationUntil: null, suspendedAt: null, removedAt: null };
          return { id: factor, factor, name: factor, createdAt: now, ...never };
        });
        const facts = {
          authenticators,
          recoveryCodesLeft,
          now,
          evidence: [],
          lockEpoch: 0,
          presented: "current" as const,
        };
        const decision = decide(requirementUnder(draft, row.action, { role }), facts);
        expect(
          decision.outcome === "step-up" ? decision.accepted : [],
          `${row.action} ${role} ${has}`,
        ).toEqual(shownFor(draft, role, row, has, recoveryCodesLeft > 0));
      }
}

/** What the row's controls show is what the requirement says, cell by cell. */
function expectShownIsEnforced(draft: PolicyDocument, row: PolicyRow): void {
  expectShownIsAccepted(draft, row);
  const rule = ruleOf(draft, row);
  const ticked = row.factors.filter((factor) => accepts(draft, row, factor)).map(({ name }) => name);
  expect(rule.factors, row.action).toEqual(ticked);
  const age = ageOf(draft, row);
  if (row.binding === "session")
    expect(rule.binding === "input" ? "input" : String(rule.maxAgeSeconds), row.action).toBe(age);
  expect(rule.binding, row.action).toBe(age === "input" || row.binding === "input" ? "input" : "session");
  expect(rule.probation === "refused", row.action).toBe(!row.probation || refusesProbation(draft, row));
  for (const role of row.roles) {
    const { asks } = requirementUnder(draft, row.action, { role });
    expect(asks, `${row.action} ${role}`).toBe(isOpenTo(draft, row, role) ? "proof" : "nobody");
  }
}

const rows = Object.entries(policies).flatMap(([name, none]) =>
  table.map((row) => [row.action, name, row, none] as const),
);

describe.each(rows)("the row %s of %s", (_, __, row, none) => {
  it("shows the floor where no rule is set", () => expectShownIsEnforced(none, row));

  it.each(row.factors.map(({ name }) => name))(
    "without %s, accepts it no more, and again when ticked",
    (name) => {
      if (row.factors.length < 2) return;
      const without = withFactor(none, row, name, false);
      expectShownIsEnforced(without, row);
      expect(problemsOf(without)).toEqual([]);
      expect(withFactor(without, row, name, true)).toEqual(none);
    },
  );

  it("takes every age that it offers, and is as before at the first", () => {
    for (const age of [
      ...row.ages.map(({ seconds }) => String(seconds)),
      ...(row.bindable ? ["input"] : []),
    ]) {
      const draft = withAge(none, row, age);
      expectShownIsEnforced(draft, row);
      expect(problemsOf(draft)).toEqual([]);
      expect(withAge(draft, row, String(row.ages[0]?.seconds))).toEqual(none);
    }
  });

  it("shows an age that a file brought, whatever it is", () => {
    // A sign-in's proof counts for a minute: there is nothing shorter.
    if (row.ages.length < 2) return;
    const draft = policyDocument.parse({ ...none, actions: { [row.action]: { maxAgeSeconds: 77 } } });
    expect(problemsOf(draft)).toEqual([]);
    expectShownIsEnforced(draft, row);
    expect(offersAge(row, ageOf(draft, row))).toBe(false);
  });

  it("takes no factor into its rule that is off", () => {
    const [first, ...others] = row.factors.filter((factor) => isOn(none, factor));
    if (!first || others.length === 0) return;
    const ruled = withFactor(none, row, first.name, false).actions[row.action]?.factors;
    expect(ruled).toEqual(others.map(({ name }) => name));
  });

  it("refuses probation where that is ticked", () => {
    const draft = withProbation(none, row, true);
    if (row.probation) expectShownIsEnforced(draft, row);
    expect(withProbation(draft, row, false)).toEqual(none);
  });

  it("is closed to a role that is not ticked, and to no other", () => {
    for (const role of row.roles.filter((one) => one !== "administrator" && row.roles.length > 1)) {
      const draft = withRole(none, row, role, false);
      expectShownIsEnforced(draft, row);
      expect(problemsOf(draft)).toEqual([]);
      expect(withRole(draft, row, role, true)).toEqual(none);
    }
  });
});

it("knows whether a draft differs, in whatever order it was clicked together", () => {
  const row = table.find(({ action }) => action === "customer.edit") as PolicyRow;
  const one = withProbation(withAge(none, row, "60"), row, true);
  const other = withAge(withProbation(none, row, true), row, "60");
  expect(isChanged(one, other)).toBe(false);
  expect(isChanged(one, none)).toBe(true);
  expect(isChanged(withEnrolment(none, "employee", 7), none)).toBe(true);
  expect(isChanged(withEnrolment(withEnrolment(none, "employee", 7), "employee", null), none)).toBe(false);
});
