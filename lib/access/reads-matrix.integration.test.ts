import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { Reader } from "@/db/client";
import { type Role, roles } from "@/db/schema/people";
import { testDatabases } from "@/db/testing";
import { readOpenApprovals } from "@/lib/approvals/read";
import { changeBankDetails } from "@/lib/customers/change-bank-details";
import { readCustomerList } from "@/lib/customers/read-list";
import { readBankDetails, readCustomer } from "@/lib/customers/read-record";
import { everyRow } from "@/lib/oversight/filter";
import { readConfirmTimes, readDecisions } from "@/lib/oversight/overview/read-decisions";
import { readDeadlines, readStrengths } from "@/lib/oversight/overview/read-enrolment";
import { readLog } from "@/lib/oversight/read-log";
import { askToReset } from "@/lib/people/ask-to-reset";
import { inviteColleague } from "@/lib/people/invite";
import type { Person } from "@/lib/people/person";
import { readPeopleList } from "@/lib/people/read-list";
import { readOpenHelpRequests, readOpenLinks } from "@/lib/people/read-people";
import { readPerson } from "@/lib/people/read-person";
import { readFactorCards } from "@/lib/policy/factors/read-factors";
import { bankChange, dataOf, World } from "@/lib/testing/pipeline";

/*
 * Role × read: what is shown to nobody but whose work it is, by the read itself, whatever page calls it (threats.md
 * 1, 7d). Written out here, and not taken from the product.
 */
type Scene = { read: Reader; personId: string; customerId: string; now: Date };
type Read = { for: readonly Role[]; shows(scene: Scene, reader: Person): Promise<unknown> };

const administrators: readonly Role[] = ["administrator"];
const overseers: readonly Role[] = ["auditor", "administrator"];
/** Whoever is of the customer's team: managers are of every one. */
const workers: readonly Role[] = ["employee", "manager"];

const reads: Record<string, Read> = {
  "a person": {
    for: administrators,
    shows: ({ read, personId }, reader) => readPerson(read, reader, personId),
  },
  "the list of people": {
    for: administrators,
    shows: async ({ read }, reader) => (await readPeopleList(read, reader, {})).rows,
  },
  "open invitations": {
    for: administrators,
    shows: async ({ read }, reader) => (await readOpenLinks(read, reader)).rows,
  },
  "requests for help": {
    for: administrators,
    shows: ({ read }, reader) => readOpenHelpRequests(read, reader),
  },
  "what waits for approval": {
    for: administrators,
    shows: ({ read }, reader) => readOpenApprovals(read, reader),
  },
  "the factors and who has them": {
    for: administrators,
    shows: ({ read }, reader) => readFactorCards(read, reader),
  },
  "the log": {
    for: overseers,
    shows: async ({ read }, reader) => (await readLog(read, reader, { filter: everyRow })).rows,
  },
  "who has which factors": { for: overseers, shows: ({ read }, reader) => readStrengths(read, reader) },
  "decisions by day": {
    for: overseers,
    shows: async ({ read, now }, reader) => (await readDecisions(read, reader, now)).stepUps,
  },
  "who is about to miss a deadline": {
    for: overseers,
    shows: async ({ read }, reader) => (await readDeadlines(read, reader)).upcoming,
  },
  "times to confirm": {
    for: overseers,
    shows: ({ read, now }, reader) => readConfirmTimes(read, reader, now),
  },
  "a customer": {
    for: workers,
    shows: ({ read, customerId }, reader) => readCustomer(read, reader, customerId),
  },
  "bank details": {
    for: workers,
    shows: ({ read, customerId }, reader) => readBankDetails(read, reader, customerId),
  },
  "the list of customers": {
    for: workers,
    shows: async ({ read }, reader) => (await readCustomerList(read, reader, {})).rows,
  },
};

describe.each(testDatabases.map(({ name }) => name))("what is read by whom on %s", (kind) => {
  let world: World;
  let scene: Scene;
  beforeAll(async () => {
    world = await World.open(kind);
    const colleague = await world.employee({ totp: true });
    // Two others: what waits for approval needs somebody who may approve it.
    await world.administrator({ totp: true });
    const asker = await (await world.administrator({ totp: true })).signsIn();
    dataOf(
      await asker.stepsUp(askToReset, { personId: colleague.id, reason: "They called from the office" }),
    );
    await asker.person.waitsForTheNextCode();
    const invitation = { name: "Bob", email: "bob@company.example", role: "auditor", team: "" };
    dataOf(await asker.stepsUp(inviteColleague, invitation));
    await world.rows(
      sql`insert into help_requests (person_id, action) values (${colleague.id}, 'customer.edit')`,
    );
    const { id: late } = await world.employee();
    await world.rows(sql`update people set second_factor_by = now() + interval '1 day' where id = ${late}`);
    const customer = await world.customer();
    dataOf(await (await colleague.signsIn()).stepsUp(changeBankDetails, bankChange(customer)));
    scene = { read: world.reader, personId: colleague.id, customerId: customer.id, now: await world.now() };
  });
  afterAll(() => world.close());

  const reader = (role: Role): Person => ({
    ...{ id: crypto.randomUUID(), name: "Reader", email: "reader@keyturn.example", role },
    teamId: role === "employee" ? world.team : null,
  });

  describe.each(Object.entries(reads))("%s", (_name, { for: allowed, shows }) => {
    it.each(roles)("by %s", async (role) => {
      const shown = await shows(scene, reader(role));
      const isSomething = Array.isArray(shown) ? shown.length > 0 : shown !== null && shown !== undefined;
      expect(isSomething, JSON.stringify(shown)).toBe(allowed.includes(role));
    });
  });

  it("by an employee of no team, or of another: no customer", async () => {
    for (const teamId of [null, await world.newTeam()]) {
      const stranger = { ...reader("employee"), teamId };
      for (const name of ["a customer", "bank details", "the list of customers"]) {
        const shown = await reads[name]?.shows(scene, stranger);
        expect(Array.isArray(shown) ? shown : (shown ?? []), name).toEqual([]);
      }
    }
  });
});
