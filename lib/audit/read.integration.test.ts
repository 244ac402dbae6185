import { eq, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OpenDatabase } from "@/db/client";
import { auditEvents } from "@/db/schema/audit";
import { contracts, customers } from "@/db/schema/customers";
import { fillForTests } from "@/db/seed/testing";
import { testDatabases } from "@/db/testing";
import { readActivity } from "./read";

describe.each(testDatabases)("a customer's activity on $name", ({ open }) => {
  let opened: OpenDatabase;
  let customerId: string;
  let expected: number[];
  const statements: string[] = [];

  beforeAll(async () => {
    opened = await open({ onQuery: (statement) => statements.push(statement) });
    await fillForTests(opened.database, 40);
    const [busiest] = await opened.database
      .select({ id: auditEvents.recordId })
      .from(auditEvents)
      .where(eq(auditEvents.recordType, "customer"))
      .groupBy(auditEvents.recordId)
      .orderBy(sql`count(*) desc`, auditEvents.recordId);
    customerId = busiest!.id!;
    const own = await opened.database.select().from(contracts).where(eq(contracts.customerId, customerId));
    const records = new Set([customerId, ...own.map(({ id }) => id)]);
    const all = await opened.database.select().from(auditEvents);
    expected = all
      .filter(({ recordId }) => records.has(recordId!))
      .map(({ seq }) => seq)
      .sort((a, b) => b - a);
  });
  afterAll(() => opened.close());

  it("is the customer's own events and its contracts', newest first, in one query", async () => {
    statements.length = 0;
    const events = await readActivity(opened.reader, [], customerId, { limit: 100 });
    expect(statements).toHaveLength(1);
    expect(events.map(({ seq }) => Number(seq))).toEqual(expected);
    expect(events.map(({ at }) => at)).toEqual(
      events
        .map(({ at }) => at)
        .sort()
        .reverse(),
    );
    for (const event of events) {
      expect(event).toMatchObject({ isDemo: true, actorName: expect.stringMatching(/\S+ \S+/) });
      expect(event.at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/);
      expect(event.contractTitle !== null).toBe(event.action.startsWith("contract."));
    }
  });

  it("comes page by page", async () => {
    const first = await readActivity(opened.reader, [], customerId, { limit: 3 });
    const second = await readActivity(opened.reader, [], customerId, { limit: 3, before: first.at(-1)!.seq });
    expect([...first, ...second].map(({ seq }) => Number(seq))).toEqual(expected.slice(0, 6));
  });

  it("is empty where nothing happened", async () => {
    const [quiet] = await opened.database
      .insert(customers)
      .values({ name: "Quiet", teamId: sql`(select id from teams limit 1)` as never })
      .returning({ id: customers.id });
    expect(await readActivity(opened.reader, [], quiet!.id)).toEqual([]);
  });
});
