import { and, eq, isNotNull, ne } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OpenDatabase } from "@/db/client";
import { contracts, customers } from "@/db/schema/customers";
import { fillForTests, seeded } from "@/db/seed/testing";
import { testDatabases } from "@/db/testing";
import { readContractDetails, readContractHead } from "@/lib/contracts/read";
import { formatIban } from "./bank-details";
import { customerFields } from "./fields";
import { readBankDetails, readCustomer, readCustomerForEdit } from "./read-record";

const theo = seeded("theo");
const maya = seeded("maya");
const outsiders = [seeded("ada"), { ...theo, teamId: null }, { ...theo, role: "owner" as never }];

describe.each(testDatabases)("a customer's record on $name", ({ open }) => {
  let opened: OpenDatabase;
  let own: typeof customers.$inferSelect;
  let others: typeof customers.$inferSelect;
  const statements: string[] = [];

  beforeAll(async () => {
    opened = await open({ onQuery: (statement) => statements.push(statement) });
    await fillForTests(opened.database, 60);
    const find = async (team: typeof eq | typeof ne) =>
      (
        await opened.database
          .select()
          .from(customers)
          .where(and(team(customers.teamId, theo.teamId!), isNotNull(customers.iban)))
          .orderBy(customers.number)
      )[0]!;
    own = await find(eq);
    others = await find(ne);
  });
  afterAll(() => opened.close());

  it("comes in one query: contacts, contracts, people, bank details", async () => {
    statements.length = 0;
    const record = (await readCustomer(opened.reader, theo, own.id))!;
    expect(statements).toHaveLength(1);
    expect(record).toMatchObject({
      id: own.id,
      name: own.name,
      version: own.version,
      team: { name: "North" },
    });
    expect(record.contacts[0]).toMatchObject({ isPrimary: true, name: expect.stringMatching(/\S+ \S+/) });
    expect(record.contracts[0]).toMatchObject({
      number: expect.stringMatching(/^CT-/),
      startsOn: expect.any(String),
    });
    expect(Object.keys(record.contracts[0]!)).toEqual([
      "id",
      "number",
      "title",
      "status",
      "startsOn",
      "endsOn",
    ]);
    expect(record.accountManager?.name).toMatch(/\S+ \S+/);
    expect(record.updatedAt).toBeInstanceOf(Date);
  });

  it("keeps the IBAN in the database but for its country and its last four characters", async () => {
    const record = await readCustomer(opened.reader, theo, own.id);
    const told = JSON.stringify(record).replaceAll(/[\s•]/g, "");
    expect(told).not.toContain(own.iban!.slice(2, -4));
    expect(record?.bankDetails).toEqual({
      accountHolder: own.accountHolder,
      maskedIban: formatIban(own.iban!.slice(0, 2) + "•".repeat(own.iban!.length - 6) + own.iban!.slice(-4)),
    });
  });

  it("says null where there are no bank details", async () => {
    const [without] = await opened.database
      .insert(customers)
      .values({ name: "Without", teamId: theo.teamId! })
      .returning({ id: customers.id });
    const record = await readCustomer(opened.reader, theo, without!.id);
    expect(record).toMatchObject({ bankDetails: null, contacts: [], contracts: [], accountManager: null });
  });

  it("shows the form what may be edited, which its own schema accepts", async () => {
    const editable = (await readCustomerForEdit(opened.reader, theo, own.id))!;
    expect(editable).toMatchObject({
      id: own.id,
      version: own.version,
      fields: { name: own.name, city: own.city },
    });
    expect(customerFields.parse(editable.fields)).toEqual(editable.fields);
  });

  it("gives the one writer of bank details the whole account", async () => {
    expect(await readBankDetails(opened.reader, theo, own.id)).toEqual({
      id: own.id,
      name: own.name,
      version: own.version,
      accountHolder: own.accountHolder,
      iban: own.iban,
    });
  });

  const reads = { readCustomer, readCustomerForEdit, readBankDetails };

  it.each(Object.entries(reads))("%s gives outsiders nothing", async (_, read) => {
    expect(await read(opened.reader, theo, others.id)).toBeNull();
    expect(await read(opened.reader, maya, others.id)).not.toBeNull();
    for (const person of outsiders) expect(await read(opened.reader, person, own.id)).toBeNull();
  });

  it.each(["", "x", "00000000-0000-0000-0000-000000000000", "' or true", "\u0000"])(
    "%j is no customer",
    async (id) => {
      for (const read of Object.values(reads)) expect(await read(opened.reader, maya, id)).toBeNull();
      expect(await readContractHead(opened.reader, maya, id, id)).toBeNull();
      expect(await readContractDetails(opened.reader, maya, id, id)).toBeNull();
    },
  );

  describe("its contracts", () => {
    const first = async (customerId: string) =>
      (await opened.database.select().from(contracts).where(eq(contracts.customerId, customerId)))[0]!;

    it("are named for the prompt without what contract.view guards", async () => {
      const contract = await first(own.id);
      statements.length = 0;
      const head = await readContractHead(opened.reader, theo, own.id, contract.id);
      const { id, number, title } = contract;
      expect(head).toEqual({ id, number, title, customerId: own.id, customerName: own.name });
      expect(statements).toHaveLength(1);
      expect(statements[0]).not.toContain("contract_details");
    });

    it("are read whole behind the gate, in one query", async () => {
      const contract = await first(own.id);
      statements.length = 0;
      const details = (await readContractDetails(opened.reader, theo, own.id, contract.id))!;
      expect(statements).toHaveLength(1);
      expect(details.value).toMatch(/^\d+\.\d\d$/);
      expect(details.clauses.length).toBeGreaterThanOrEqual(5);
      expect(details.signatories.length).toBeGreaterThanOrEqual(2);
    });

    it.each([
      ["head", readContractHead],
      ["details", readContractDetails],
    ] as const)("%s: not another team's, not under another customer, not for outsiders", async (_, read) => {
      const mine = await first(own.id);
      const theirs = await first(others.id);
      expect(await read(opened.reader, theo, others.id, theirs.id)).toBeNull();
      expect(await read(opened.reader, theo, own.id, theirs.id)).toBeNull();
      expect(await read(opened.reader, maya, others.id, mine.id)).toBeNull();
      expect(await read(opened.reader, maya, others.id, theirs.id)).not.toBeNull();
      for (const person of outsiders) expect(await read(opened.reader, person, own.id, mine.id)).toBeNull();
    });
  });
});
