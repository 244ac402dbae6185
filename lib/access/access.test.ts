import { describe, expect, it } from "vitest";
import { roles } from "@/db/schema/people";
import type { Person } from "@/lib/people/person";
import {
  mayAdminister,
  mayCreateCustomer,
  mayCreateCustomers,
  mayEditCustomer,
  mayReadAudit,
  maySeeCustomer,
  mayViewContract,
} from "./access";

const north = "6f0c1d5e-1111-4111-8111-000000000001";
const south = "6f0c1d5e-1111-4111-8111-000000000002";

function person(role: Person["role"], teamId: string | null): Person {
  return { id: crypto.randomUUID(), name: "Somebody", email: "somebody@keyturn.example", role, teamId };
}

/** role, own team, the record's team, allowed? */
const matrix: [role: Person["role"], own: string | null, recordOf: string, allowed: boolean][] = [
  ["employee", north, north, true],
  ["employee", north, south, false],
  ["employee", null, north, false],
  ["manager", north, north, true],
  ["manager", north, south, true],
  ["manager", null, south, true],
  ["administrator", null, north, false],
  ["administrator", north, north, false],
  ["auditor", null, north, false],
  ["auditor", north, north, false],
];

const checks: [name: string, may: (who: Person, teamId: string) => boolean][] = [
  ["see a customer", (who, teamId) => maySeeCustomer(who, { teamId })],
  ["edit a customer", (who, teamId) => mayEditCustomer(who, { teamId })],
  ["view a contract", (who, teamId) => mayViewContract(who, { teamId })],
  ["create a customer", mayCreateCustomer],
];

describe.each(checks)("who may %s", (_, may) => {
  it.each(matrix)("%s of team %s, record of team %s: %s", (role, own, recordOf, allowed) => {
    expect(may(person(role, own), recordOf)).toBe(allowed);
  });

  it.each([...roles, "owner", undefined])("nobody, as %s without teams on either side", (role) => {
    expect(may({ ...person("employee", ""), role: role as Person["role"] }, "")).toBe(false);
  });

  it.each([undefined, null])("nobody whose team is %s, whatever the record's is", (nothing) => {
    const nowhere = { ...person("employee", null), teamId: nothing as null };
    expect(may(nowhere, nothing as unknown as string)).toBe(false);
  });
});

it("New customer is offered to whom a team is open", () => {
  expect(mayCreateCustomers(person("employee", north))).toBe(true);
  expect(mayCreateCustomers(person("manager", null))).toBe(true);
  expect(mayCreateCustomers(person("employee", null))).toBe(false);
  expect(mayCreateCustomers(person("administrator", north))).toBe(false);
  expect(mayCreateCustomers(person("auditor", north))).toBe(false);
});

it.each([
  ["employee", false, false],
  ["manager", false, false],
  ["auditor", false, true],
  ["administrator", true, true],
  ["owner", false, false],
  [undefined, false, false],
])("%s: administers %s, reads the log %s", (role, administers, reads) => {
  for (const team of [null, north]) {
    const who = person(role as Person["role"], team);
    expect([mayAdminister(who), mayReadAudit(who)]).toEqual([administers, reads]);
  }
});
