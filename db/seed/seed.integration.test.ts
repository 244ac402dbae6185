import { eq, isNotNull, sql } from "drizzle-orm";
import { isValidIBAN } from "ibantools";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OpenDatabase } from "@/db/client";
import { auditEvents } from "@/db/schema/audit";
import { contacts, contractDetails, contracts, customers } from "@/db/schema/customers";
import { people, teams } from "@/db/schema/people";
import { authenticators, totpSeeds } from "@/db/schema/step-up";
import { testDatabases } from "@/db/testing";
import { customerFields } from "@/lib/customers/fields";
import { isEmpty } from "./fill";
import { fillForTests, seeded, seededNow } from "./testing";

/** The shapes of postal codes, by the countries' own rules. */
const postalCodes: Record<string, RegExp> = {
  DE: /^\d{5}$/,
  AT: /^[1-9]\d{3}$/,
  CH: /^[1-9]\d{3}$/,
  FR: /^\d{5}$/,
  NL: /^[1-9]\d{3} (?!SA|SD|SS)[A-Z]{2}$/,
  GB: /^[A-Z]{1,2}\d[A-Z\d]? \d[ABD-HJLNP-UW-Z]{2}$/,
  ES: /^\d{5}$/,
  IT: /^\d{5}$/,
  SE: /^\d{3} \d{2}$/,
};

describe.each(testDatabases)("the demo's data on $name", ({ open }) => {
  let opened: OpenDatabase;
  let all: (typeof customers.$inferSelect)[];

  beforeAll(async () => {
    opened = await open();
    expect(await isEmpty(opened.database)).toBe(true);
    expect(await fillForTests(opened.database, 500)).toEqual({ before: 0, added: 500 });
    all = await opened.database.select().from(customers).orderBy(customers.number);
  });
  afterAll(() => opened.close());

  it("has 500 customers of different names with 1,500 contracts", async () => {
    expect(await isEmpty(opened.database)).toBe(false);
    expect(all).toHaveLength(500);
    expect(new Set(all.map(({ name }) => name.toLowerCase())).size).toBe(500);
    expect(all.map(({ number }) => number).slice(0, 2)).toEqual(["C-10001", "C-10002"]);
    expect(await opened.database.$count(contracts)).toBe(1500);
    expect(await opened.database.$count(contractDetails)).toBe(1500);
    const masters = await opened.database.$count(contracts, eq(contracts.title, "Master services agreement"));
    expect(masters).toBeGreaterThan(380);
    expect(all.some(({ name }) => name.length < 9) && all.some(({ name }) => name.length > 55)).toBe(true);
  });

  it("is accepted by the form's own rules, with postal codes and IBANs of its countries", () => {
    for (const { name, email, phone, street, city, postalCode, country, iban } of all) {
      const fields = { name, email, phone, street, city, postalCode, country };
      expect(customerFields.parse(fields)).toEqual(fields);
      expect(postalCode).toMatch(postalCodes[country]!);
      if (iban) expect(isValidIBAN(iban) && iban.startsWith(country), iban).toBe(true);
      for (const field of [email, phone, street, city]) expect(field).not.toMatch(/^$|undefined|#|@@/);
    }
    expect(all.filter(({ iban }) => iban).length).toBeGreaterThan(400);
    expect(all.every(({ email }) => email.endsWith(".example"))).toBe(true);
  });

  it("can be searched by contacts, whom every customer has, one of them first", async () => {
    const found = await opened.database
      .select({
        customerId: contacts.customerId,
        primary: sql<number>`count(*) filter (where is_primary)::int`,
        count: sql<number>`count(*)::int`,
      })
      .from(contacts)
      .groupBy(contacts.customerId);
    expect(found).toHaveLength(500);
    expect(found.every(({ primary, count }) => primary === 1 && count <= 4)).toBe(true);
    const unfound = await opened.database
      .select({ name: contacts.name })
      .from(contacts)
      .innerJoin(customers, eq(customers.id, contacts.customerId))
      .where(sql`position(keyturn_fold(${contacts.name}) in ${customers.searchText}) = 0`);
    expect(unfound).toEqual([]);
  });

  it("fills every contract with five to nine clauses and somebody's names", async () => {
    for (const details of await opened.database.select().from(contractDetails)) {
      expect(details.clauses.length).toBeGreaterThanOrEqual(5);
      expect(details.clauses.length).toBeLessThanOrEqual(9);
      expect(JSON.stringify(details)).not.toMatch(/[{]\w+[}]|undefined/);
      expect(new Set(details.signatories.map(({ party }) => party))).toEqual(new Set(["customer", "us"]));
    }
  });

  it("has the demo's people: Erin and Theo in one team, administrators in none", async () => {
    const found = await opened.database.select().from(people);
    const by = (name: string) => found.find(({ id }) => id === seeded(name).id)!;
    expect(found).toHaveLength(18);
    expect(found.every(({ isDemo }) => isDemo)).toBe(true);
    expect(by("erin").teamId).toBe(by("theo").teamId);
    expect(by("maya")).toMatchObject({ role: "manager", teamId: expect.any(String) });
    for (const name of ["ada", "alan"])
      expect(by(name)).toMatchObject({ role: "administrator", teamId: null });
    expect(by("nora")).toMatchObject({ role: "auditor", teamId: null });
    const [ownPassword, others] = [
      by("erin").passwordHash,
      found.filter(({ passwordHash }) => passwordHash !== by("erin").passwordHash),
    ];
    expect(ownPassword).not.toBe("");
    expect(others).toHaveLength(12);
  });

  it("gives theo, maya, ada, alan and nora an authenticator app, sealed for its place", async () => {
    const apps = await opened.database
      .select({
        userId: authenticators.userId,
        id: authenticators.id,
        name: authenticators.name,
        sealed: totpSeeds.sealedSeed,
      })
      .from(authenticators)
      .innerJoin(totpSeeds, eq(totpSeeds.authenticatorId, authenticators.id));
    expect(new Set(apps.map(({ userId }) => userId))).toEqual(
      new Set(["theo", "maya", "ada", "alan", "nora"].map((name) => seeded(name).id)),
    );
    for (const { userId, id, name, sealed } of apps) {
      expect(name).toBe("Demo authenticator");
      expect(sealed.startsWith(`${userId}:${id}:KEYTURN`)).toBe(true);
    }
  });

  it("tells a year's history that leads to the customers as they are, marked and unsigned", async () => {
    const events = await opened.database.select().from(auditEvents).orderBy(auditEvents.seq);
    const times = events.map(({ at }) => new Date(at).getTime());
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    expect(times[0]).toBeGreaterThan(seededNow.getTime() - 366 * 86_400_000);
    expect(times.at(-1)).toBeLessThan(seededNow.getTime());
    expect(events.every(({ isDemo, mac, sessionId }) => isDemo && mac === null && sessionId === null)).toBe(
      true,
    );
    expect(events.some(({ actorId }) => actorId === seeded("erin").id)).toBe(false);
    for (const customer of all) {
      const changes = events
        .filter(({ recordId, outcome }) => recordId === customer.id && outcome === "allowed")
        .flatMap(
          ({ detail }) =>
            (detail as { changes?: { field: string; from: string; to: string }[] }).changes ?? [],
        );
      expect(customer.version).toBe(1 + changes.length);
      for (const field of ["phone", "email", "street"] as const) {
        const own = changes.filter((change) => change.field === field);
        expect(own.map(({ to }) => to)).toEqual([
          ...own.slice(1).map(({ from }) => from),
          ...(own.length > 0 ? [customer[field]] : []),
        ]);
      }
    }
  });

  it("is never doubled or changed, only added to", async () => {
    const [first] = all;
    await opened.database
      .update(customers)
      .set({ name: "Renamed by hand" })
      .where(eq(customers.id, first!.id));
    expect(await fillForTests(opened.database, 500)).toEqual({ before: 500, added: 0 });
    expect(await fillForTests(opened.database, 510)).toEqual({ before: 500, added: 10 });
    expect(await opened.database.$count(customers)).toBe(510);
    expect(await opened.database.$count(people)).toBe(18);
    const [again] = await opened.database.select().from(customers).where(eq(customers.id, first!.id));
    expect(again?.name).toBe("Renamed by hand");
  });
});

describe.each(testDatabases)("without demo mode on $name", ({ open }) => {
  it("there are customers and teams, and no accounts and no history", async () => {
    const opened = await open();
    await fillForTests(opened.database, 30, { demo: false });
    expect(await opened.database.$count(customers)).toBe(30);
    expect(await opened.database.$count(teams)).toBe(4);
    expect(await opened.database.$count(people)).toBe(0);
    expect(await opened.database.$count(auditEvents)).toBe(0);
    expect(await opened.database.$count(customers, isNotNull(customers.accountManagerId))).toBe(0);
    await opened.close();
  });
});

it("two runs give the same, on both databases", async () => {
  const told = await Promise.all(
    testDatabases.map(async ({ open }) => {
      const opened = await open();
      await fillForTests(opened.database, 40);
      const rows = await Promise.all([
        opened.database.select().from(customers).orderBy(customers.number),
        opened.database.select().from(contractDetails).orderBy(contractDetails.contractId),
        opened.database
          .select({ id: auditEvents.id, detail: auditEvents.detail })
          .from(auditEvents)
          .orderBy(auditEvents.seq),
      ]);
      await opened.close();
      return rows;
    }),
  );
  expect(told[0]).toEqual(told[1]);
});
