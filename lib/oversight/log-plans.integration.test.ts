import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OpenDatabase } from "@/db/client";
import { fillForTests, seeded } from "@/db/seed/testing";
import { testDatabases } from "@/db/testing";
import type { Person } from "@/lib/people/person";
import { explain, type LoggedStatement } from "@/lib/testing/plan";
import { type AuditFilter, everyRow } from "./filter";
import { readConfirmTimes, readDecisions } from "./overview/read-decisions";
import { readLog } from "./read-log";

const ada: Person = seeded("ada");
const { id: theo, email: ofTheo } = seeded("theo");

/* A page of the log must cost as much as the page, however many rows there are behind it. */
describe.each(testDatabases)("the plans of the log on $name", ({ open }) => {
  let opened: OpenDatabase;
  let last: LoggedStatement;

  beforeAll(async () => {
    opened = await open({ onQuery: (statement, parameters) => (last = { statement, parameters }) });
    await fillForTests(opened.database, 40);
    await opened.database.execute(sql`
      insert into audit_events (at, actor_id, action, outcome, factor, detail)
      select now() - n * interval '5 minutes', case when n % 300 = 0 then ${theo}::uuid else gen_random_uuid() end,
        case when n % 50 = 0 then 'contract.view' else 'session.sign-in' end,
        case when n % 200 = 0 then 'refused' else 'allowed' end, case when n % 250 = 0 then 'passkey' end,
        case when n % 400 = 0 then '{"confirmedInMs": 3000}' else '{}' end::jsonb
      from generate_series(1, 8000) as n`);
    // The trigram index keeps what is new in a list of its own until then.
    await opened.database.execute(sql`vacuum analyze`);
  });
  afterAll(() => opened.close());

  it.each<[Partial<AuditFilter>, string]>([
    [{}, "audit_at"],
    [{ from: "2020-01-01" }, "audit_at"],
    [{ person: ofTheo }, "audit_actor"],
    [{ factor: "passkey" }, "audit_factor"],
    [{ action: "contract.view" }, "audit_action"],
    [{ outcome: "refused" }, "audit_not_allowed"],
  ])("any page of %j is read off %s", async (filter, index) => {
    const query = { filter: { ...everyRow, ...filter }, pageSize: 10 };
    const { older } = await readLog(opened.reader, ada, query);
    for (const after of [undefined, older!]) {
      await readLog(opened.reader, ada, { ...query, after });
      const plan = await explain(opened.database, last);
      expect(plan).toMatch(new RegExp(`Index Scan( Backward)? using ${index}`));
      expect(plan).not.toMatch(/Seq Scan on audit_events/);
      if (after) expect(plan).toMatch(/Index Cond: .*ROW\(/);
    }
  });

  it.each([
    ["how often", readDecisions],
    ["how long", readConfirmTimes],
  ])("the overview looks at the rows that it counts alone: %s", async (_, read) => {
    await read(opened.reader, ada, new Date());
    const plan = await explain(opened.database, last);
    expect(plan).toContain("audit_step_ups");
    expect(plan).not.toMatch(/Seq Scan on audit_events|audit_at\b/);
  });
});
