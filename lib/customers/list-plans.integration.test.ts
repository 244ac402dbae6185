import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OpenDatabase } from "@/db/client";
import { fillForTests, seeded } from "@/db/seed/testing";
import { testDatabases } from "@/db/testing";
import { explain } from "@/lib/testing/plan";
import { type CustomerListQuery, countedUpTo, foundUpTo, readCustomerList } from "./read-list";

const maya = seeded("maya");
const theo = seeded("theo");

/*
 * The database's own plans for the list's own statement, on enough customers that it has a choice: a page must cost
 * as much as the page, however many customers there are behind it.
 */
describe.each(testDatabases)("the plans of the list on $name", ({ open }) => {
  let opened: OpenDatabase;
  let last: { statement: string; parameters: unknown[] };

  beforeAll(async () => {
    opened = await open({ onQuery: (statement, parameters) => (last = { statement, parameters }) });
    await fillForTests(opened.database, 160);
    await opened.database.execute(sql`
      insert into customers (name, team_id, city, street, status)
      select 'Company ' || md5(n::text) || case when n % 2 = 0 then ' GmbH' else '' end, ${theo.teamId}::uuid,
        'City ' || n % 500, repeat(md5(n::text), 8), case when n % 20 = 0 then 'archived' else 'active' end
      from generate_series(1, 30000) as n`);
    // The trigram index keeps what is new in a list of its own until then.
    await opened.database.execute(sql`vacuum analyze`);
  });
  afterAll(() => opened.close());

  async function planOf(query: CustomerListQuery, person = maya): Promise<string> {
    await readCustomerList(opened.reader, person, query);
    return explain(opened.database, last);
  }

  it.each([
    ["name", maya, "customers_name"],
    ["number", maya, "customers_number"],
    ["city", maya, "customers_city"],
    ["updated", maya, "customers_updated"],
    ["name", theo, "customers_team_name"],
  ] as const)("sorted by %s, any page is read off an index", async (sort, person, index) => {
    const { next } = await readCustomerList(opened.reader, person, { sort });
    for (const after of [undefined, next!]) {
      const plan = await planOf({ sort, ...(after ? { after } : {}) }, person);
      expect(plan).toMatch(new RegExp(`Index Scan( Backward)? using ${index}`));
      if (after) expect(plan).toMatch(/Index Cond: .*ROW\(/);
    }
  });

  it.each(["7ac66c", "Huber nowhere", "c-10017", "qx"])(
    "searching %j goes through the trigram index",
    async (q) => {
      const plan = await planOf({ q });
      expect(plan).toContain("Bitmap Index Scan on customers_search");
      expect(plan).not.toContain("Seq Scan on customers");
    },
  );

  it("a common word is found on the way down the list, and counted no further than it is told", async () => {
    expect(await planOf({ q: "gmbh" })).toContain("Index Scan using customers_name");
    const found = await readCustomerList(opened.reader, maya, { q: "gmbh" });
    expect(found).toMatchObject({ total: foundUpTo, isMore: true });
  });

  it("all customers are counted up to a limit, and exactly below it", async () => {
    const count = async (query: CustomerListQuery) => {
      const { total, isMore } = await readCustomerList(opened.reader, theo, query);
      return { total, isMore };
    };
    expect(await count({})).toEqual({ total: countedUpTo, isMore: true });
    const archived = await count({ status: "archived" });
    expect(archived.total).toBeGreaterThanOrEqual(1500);
    expect(archived.isMore).toBe(false);
    expect(await planOf({ status: "archived" })).toContain("customers_status");
  });
});
