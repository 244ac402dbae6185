import { describe, expect, it } from "vitest";
import { roles } from "@/db/schema/people";
import { comesTo } from "@/lib/access/work";
import { type PolicyDocument, policyDocument } from "@/lib/policy/document";
import { requirementUnder } from "@/lib/policy/policy";
import { problemsOf } from "@/lib/policy/problems";
import { type PolicyRow, policyTable } from "@/lib/policy/table";
import {
  accepts,
  ageOf,
  isChanged,
  isOpenTo,
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

/** What the row's controls show is what the requirement says, cell by cell. */
function expectShownIsEnforced(draft: PolicyDocument, row: PolicyRow): void {
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
