import { and, eq, type SQL, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OpenDatabase } from "@/db/client";
import { customerStatuses, customers } from "@/db/schema/customers";
import { teams } from "@/db/schema/people";
import { fillForTests, seeded } from "@/db/seed/testing";
import { testDatabases } from "@/db/testing";
import { maySeeCustomer, visibleCustomers } from "@/lib/access/access";
import { listDirections, listOrders, listSorts, usualDirection } from "./list-order";
import { type CustomerListQuery, readCustomerList } from "./read-list";
import { matchesSearch } from "./search";

const maya = seeded("maya");
const theo = seeded("theo");
const nobody = { ...theo, teamId: null };

describe.each(testDatabases)("the list of customers on $name", ({ open }) => {
  let opened: OpenDatabase;
  const statements: string[] = [];
  const list = (query: CustomerListQuery = {}, person = maya) =>
    readCustomerList(opened.reader, person, { pageSize: 1000, ...query });
  const names = async (q: string) => (await list({ q })).rows.map(({ name }) => name);

  beforeAll(async () => {
    opened = await open({ onQuery: (statement) => statements.push(statement) });
    await fillForTests(opened.database, 160);
  });
  afterAll(() => opened.close());

  async function walk(query: CustomerListQuery, way: "after" | "before", from?: string) {
    const pages: string[][] = [];
    let cursor: string | null | undefined = from;
    do {
      const page = await list({ ...query, pageSize: 23, ...(cursor ? { [way]: cursor } : {}) });
      pages.push(page.rows.map(({ id }) => id));
      cursor = way === "after" ? page.next : page.previous;
      if (pages.length > 20) throw new Error("the list has no end");
    } while (cursor);
    return pages;
  }

  describe.each(listSorts)("sorted by %s", (sort) => {
    it.each(listDirections)(
      "%s: page after page shows every customer once, and back again",
      async (direction) => {
        const whole = (await list({ sort, direction })).rows.map(({ id }) => id);
        expect(whole).toHaveLength(160);
        expect((await walk({ sort, direction }, "after")).flat()).toEqual(whole);
        const last = await lastPage(sort, direction);
        const back = await walk({ sort, direction }, "before", last.previous ?? "");
        expect([...back.reverse().flat(), ...last.rows.map(({ id }) => id)]).toEqual(whole);
      },
    );

    it("is ordered by an index alone", async () => {
      const { by } = listOrders[sort];
      const way = usualDirection[sort] === "desc" ? sql`desc` : sql`asc`;
      const plan = await explain(sql`select id from customers order by ${by} ${way}, id ${way} limit 50`);
      expect(plan).toMatch(/Index (Only )?Scan/);
      expect(plan).not.toContain("Sort");
    });
  });

  async function lastPage(sort: (typeof listSorts)[number], direction: (typeof listDirections)[number]) {
    let page = await list({ sort, direction, pageSize: 23 });
    while (page.next) page = await list({ sort, direction, pageSize: 23, after: page.next });
    return page;
  }

  async function explain(query: SQL): Promise<string> {
    return opened.database.transaction(async (tx) => {
      await tx.execute(sql`set local enable_seqscan = off`);
      const answer = (await tx.execute(sql`explain ${query}`)) as { rows: Record<string, string>[] };
      return answer.rows.map((row) => Object.values(row).join("")).join("\n");
    });
  }

  it("sorts by letters, whatever their accents and case, and numbers by their size", async () => {
    await inPassing(async () => {
      const teamId = theo.teamId!;
      const added = ["Ähre AG", "ahrb AG", "Zebra AG", "Ahrz AG"].map((name) => ({ name, teamId }));
      await opened.database.insert(customers).values(added);
      await opened.database
        .update(customers)
        .set({ number: "C-100000" })
        .where(eq(customers.name, "ahrb AG"));
      await opened.database.update(customers).set({ number: "C-99999" }).where(eq(customers.name, "Ahrz AG"));
      const sorted = (await list({ q: "ag" })).rows.map(({ name }) => name);
      expect(sorted.filter((name) => added.some((one) => one.name === name))).toEqual([
        "ahrb AG",
        "Ähre AG",
        "Ahrz AG",
        "Zebra AG",
      ]);
      const numbers = (await list({ sort: "number" })).rows.map(({ number }) => number);
      expect(numbers.slice(-2)).toEqual(["C-99999", "C-100000"]);
    });
  });

  it("stays right while rows come, go and change: nobody is shown twice or left out", async () => {
    await inPassing(async () => {
      const first = await list({ pageSize: 50 });
      const second = await list({ pageSize: 50, after: first.next! });
      const boundary = first.rows.at(-1)!;
      await opened.database.insert(customers).values({ name: "0 comes first", teamId: theo.teamId! });
      await opened.database
        .update(customers)
        .set({ name: "zzz goes last" })
        .where(eq(customers.id, boundary.id));
      const again = await list({ pageSize: 50, after: first.next! });
      expect(again.rows.map(({ id }) => id)).toEqual(second.rows.map(({ id }) => id));
      expect(again.total).toBe(161);
    });
  });

  /** Undoes what a test writes: the next one finds the seeded rows. */
  async function inPassing(test: () => Promise<void>) {
    const before = await opened.database.select().from(customers);
    try {
      await test();
    } finally {
      const known = new Set(before.map(({ id }) => id));
      for (const { id } of await opened.database.select({ id: customers.id }).from(customers)) {
        if (!known.has(id)) await opened.database.delete(customers).where(eq(customers.id, id));
      }
      for (const { id, name, number } of before) {
        await opened.database
          .update(customers)
          .set({ name, number })
          .where(and(eq(customers.id, id), sql`${customers.name} <> ${name}`));
      }
    }
  }

  it("takes one query a page, filters and cursor included", async () => {
    const { next } = await list({ q: "a", status: "active", pageSize: 5 });
    statements.length = 0;
    const page = await list({ q: "a", status: "active", pageSize: 5, after: next! });
    expect(page.rows).toHaveLength(5);
    expect(statements).toHaveLength(1);
  });

  it("carries what a row shows", async () => {
    const row = (await list({ sort: "number", pageSize: 1 })).rows[0]!;
    expect(row).toMatchObject({
      number: "C-10001",
      contractCount: expect.any(Number),
      updatedAt: expect.any(Date),
    });
    expect(row.primaryContact).toMatch(/\S+ \S+/);
    expect(row.accountManager).toMatch(/\S+ \S+/);
    expect(Object.keys(row).sort()).toEqual(
      "accountManager,city,contractCount,country,id,name,number,primaryContact,status,updatedAt".split(","),
    );
  });

  it("counts what the filter finds, also beyond the last page", async () => {
    const statuses = await Promise.all(customerStatuses.map((status) => list({ status, pageSize: 1 })));
    expect(statuses.reduce((sum, { total }) => sum + total, 0)).toBe(160);
    expect((await list({ q: "no such company" })).total).toBe(0);
  });

  describe("who sees what", () => {
    it("an employee sees the customers of the own team, a manager all, an administrator none", async () => {
      const [north] = await opened.database.select().from(teams).where(eq(teams.name, "North"));
      const own = await opened.database.$count(customers, eq(customers.teamId, north!.id));
      expect(own).toBeGreaterThan(10);
      expect((await list({}, theo)).total).toBe(own);
      expect((await list({}, theo)).rows).toHaveLength(own);
      expect((await list({}, maya)).total).toBe(160);
      for (const person of [seeded("ada"), nobody, { ...nobody, role: "owner" as never }]) {
        expect(await list({}, person)).toMatchObject({ rows: [], total: 0, next: null, previous: null });
      }
    });

    it("the condition and the check of a record say the same", async () => {
      const all = await opened.database
        .select({ id: customers.id, teamId: customers.teamId })
        .from(customers);
      for (const person of [theo, maya, seeded("erin"), seeded("ada"), nobody]) {
        const visible = await opened.database
          .select({ id: customers.id })
          .from(customers)
          .where(visibleCustomers(person));
        const allowed = all.filter((customer) => maySeeCustomer(person, customer));
        expect(new Set(visible.map(({ id }) => id))).toEqual(new Set(allowed.map(({ id }) => id)));
      }
    });

    it("a cursor of somebody else opens nothing", async () => {
      const { next } = await list({ pageSize: 5 }, maya);
      const page = await list({ after: next! }, theo);
      const own = (await list({}, theo)).rows.map(({ id }) => id);
      expect(page.rows.every(({ id }) => own.includes(id))).toBe(true);
      expect((await list({ after: next! }, seeded("ada"))).rows).toEqual([]);
    });
  });

  describe("searching", () => {
    it("finds each word anywhere: name, number, city, contacts, without case and accents", async () => {
      const { rows } = await list();
      const some = rows.find(({ name, city }) => /[äöüß]/.test(name) && city !== "")!;
      expect(await names(some.number.toLowerCase())).toEqual([some.name]);
      expect(await names(`${some.city.toUpperCase()} ${some.number}`)).toEqual([some.name]);
      expect(await names(`${some.primaryContact} ${some.number}`)).toEqual([some.name]);
      const plain = some.name.replaceAll("ß", "ss").normalize("NFD").replace(/\p{M}/gu, "");
      expect(await names(plain)).toContain(some.name);
      expect(await names(some.name.normalize("NFD"))).toContain(some.name);
      expect(await names(`${some.name} nowhere-to-be-found`)).toEqual([]);
    });

    it.each(["%", "_", "\\", "100%", "％", "\\%", "a%b", "'", "' or true --"])(
      "takes %j for what it is",
      async (q) => {
        expect((await list({ q })).total).toBeLessThan(160);
      },
    );

    it.each(["", "   ", "\u0000", "\ud800 \n"])("takes %j for no search", async (q) => {
      const page = await list({ q });
      expect(page.total).toBe(160);
    });

    it("takes one or two letters for how a word begins", async () => {
      await inPassing(async () => {
        const teamId = theo.teamId!;
        const added = ["Qx Bau AG", "Maier qxa", "Neuqx AG"].map((name) => ({ name, teamId }));
        await opened.database.insert(customers).values(added);
        expect(await names("qx")).toEqual(["Maier qxa", "Qx Bau AG"]);
        expect(await names("QX ma")).toEqual(["Maier qxa"]);
      });
    });

    it("passes over a sign that stands alone", async () => {
      const { name } = (await list()).rows[0]!;
      expect(await names(`& ${name}`)).toEqual(await names(name));
      expect(await names("&")).toEqual([]);
    });

    it("survives anything long", async () => {
      expect((await list({ q: "ab ".repeat(5000) })).total).toBeLessThan(160);
      expect((await list({ q: "x".repeat(100_000) })).total).toBe(0);
    });

    it("goes through the trigram index", async () => {
      const plan = await explain(sql`select id from customers where ${and(...matchesSearch("huber wien"))}`);
      expect(plan).toContain("customers_search");
    });

    it("follows a changed contact", async () => {
      const { rows } = await list({ pageSize: 1, sort: "number" });
      await opened.database.execute(
        sql`insert into contacts (customer_id, name) values (${rows[0]!.id}, 'Zoë Quux')`,
      );
      expect(await names("zoe quux")).toEqual([rows[0]!.name]);
      await opened.database.execute(sql`delete from contacts where name = 'Zoë Quux'`);
      expect(await names("zoe quux")).toEqual([]);
    });
  });

  it.each([
    "x",
    "%%%",
    "e30",
    Buffer.from("null").toString("base64url"),
    Buffer.from('{"sort":"name","direction":"asc","key":"a","id":"1"}').toString("base64url"),
    Buffer.from(
      '{"sort":"name","direction":"asc","key":"a\\u0000","id":"6f0c1d5e-1111-4111-8111-000000000001"}',
    ).toString("base64url"),
    Buffer.from(
      '{"sort":"updated","direction":"asc","key":"now","id":"6f0c1d5e-1111-4111-8111-000000000001"}',
    ).toString("base64url"),
    Buffer.from(
      '{"sort":"updated","direction":"asc","key":"2026-99-99T99:99:99.000000Z","id":"6f0c1d5e-1111-4111-8111-000000000001"}',
    ).toString("base64url"),
    ...["2026-02-30T00:00:00.000000Z", "0000-01-01T00:00:00.000000Z", "2026-01-01T24:00:00.000000Z"].map(
      (key) =>
        Buffer.from(
          `{"sort":"updated","direction":"asc","key":"${key}","id":"6f0c1d5e-1111-4111-8111-000000000001"}`,
        ).toString("base64url"),
    ),
    "a".repeat(100_000),
  ])("a cursor that was tampered with begins anew (%#)", async (cursor) => {
    for (const sort of listSorts) {
      const first = await list({ sort, direction: "asc", pageSize: 10 });
      expect(await list({ sort, direction: "asc", pageSize: 10, after: cursor })).toEqual(first);
      expect(await list({ sort, direction: "asc", pageSize: 10, before: cursor })).toEqual(first);
    }
  });

  it("a cursor of another order begins anew", async () => {
    const { next } = await list({ sort: "name", pageSize: 10 });
    const other = await list({ sort: "city", pageSize: 10, after: next! });
    expect(other).toEqual(await list({ sort: "city", pageSize: 10 }));
  });
});
