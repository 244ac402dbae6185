import { sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { auditEvents } from "@/db/schema/audit";
import { testDatabases } from "@/db/testing";
import { viewContract } from "@/lib/contracts/view-contract";
import { editCustomer } from "@/lib/customers/edit-customer";
import type { Person } from "@/lib/people/person";
import { type Browser, edit, type Someone, World } from "@/lib/testing/pipeline";
import { type AuditFilter, everyRow, filterFrom } from "./filter";
import { readLog } from "./read-log";

describe.each(testDatabases.map(({ name }) => name))("the whole log on %s", (kind) => {
  let world: World;
  let theo: Someone;
  let browser: Browser;
  let ada: Person;
  let acme: { id: string; version: number; number: string };
  let contract: { id: string; number: string };

  beforeAll(async () => {
    world = await World.open(kind);
    theo = await world.employee({ totp: true, name: "Theo Brändle" });
    browser = await theo.signsIn();
    ada = await personOf(await world.administrator({ name: "Ada Lindqvist" }));
    const made = await world.customer({ name: "Zephyr Windworks" });
    const ofMade = await world.contract(made.id);
    const [numbers] = await world.rows<{ customer: string; contract: string }>(
      sql`select (select number from customers where id = ${made.id}) as customer,
        (select number from contracts where id = ${ofMade.id}) as contract`,
    );
    acme = { ...made, number: numbers!.customer };
    contract = { ...ofMade, number: numbers!.contract };
    expect(await browser.stepsUp(editCustomer, edit(acme, { phone: "+49 40 5550199" }))).toMatchObject({
      status: "done",
    });
    await browser.calls(viewContract, { customerId: acme.id, contractId: contract.id });
    const stranger = await (await world.employee({ team: await world.newTeam() })).signsIn();
    await stranger.calls(editCustomer, edit(acme));
    await seededHistory();
  });
  afterAll(() => world.close());

  /** As the demo's seed writes it: unsealed, and marked. */
  async function seededHistory() {
    await world.database.insert(auditEvents).values({
      at: "2020-02-03T04:05:06.789012Z",
      actorId: theo.id,
      action: "customer.edit",
      outcome: "allowed",
      recordType: "customer",
      recordId: acme.id,
      factor: "passkey",
      address: "198.51.100.77",
      detail: { changes: [{ field: "email", from: "old@zephyr.example", to: "new@zephyr.example" }] },
      isDemo: true,
    });
  }

  async function personOf(someone: Someone): Promise<Person> {
    return (await (await someone.signsIn()).session())!.person;
  }

  const read = (
    filter: Partial<AuditFilter> = {},
    page: { after?: string; before?: string } = {},
    reader = ada,
  ) => readLog(world.reader, reader, { filter: { ...everyRow, ...filter }, pageSize: 2, ...page });
  const found = async (filter: Partial<AuditFilter>) =>
    (await readLog(world.reader, ada, { filter: { ...everyRow, ...filter } })).rows.map(
      ({ action, outcome }) => `${action} ${outcome}`,
    );

  it("shows the newest first, page by page and back, without a gap or a double", async () => {
    const all = (await readLog(world.reader, ada, { filter: everyRow })).rows;
    expect(all.length).toBeGreaterThanOrEqual(4);
    expect(all.map(({ at }) => at)).toEqual(
      all
        .map(({ at }) => at)
        .toSorted()
        .toReversed(),
    );
    const forwards = [];
    let page = await read();
    expect(page.newer).toBeNull();
    for (;;) {
      forwards.push(...page.rows.map(({ id }) => id));
      if (!page.older) break;
      page = await read({}, { after: page.older });
    }
    expect(forwards).toEqual(all.map(({ id }) => id));
    const back = await read({}, { before: page.newer! });
    expect(back.rows.map(({ id }) => id)).toEqual(
      forwards.slice(forwards.length - page.rows.length - 2).slice(0, 2),
    );
  });

  it("takes one query a page, and one more to look people and records up", async () => {
    world.queries = [];
    await read({ action: "customer.edit", outcome: "allowed", from: "2020-01-01" });
    expect(world.queries).toHaveLength(1);
    world.queries = [];
    await read({ q: "theo zephyr C-10001", person: "theo", record: "C-10001" });
    expect(world.queries).toHaveLength(2);
  });

  it("tells each row in words, with the record's number and not its name", async () => {
    const [row] = (await readLog(world.reader, ada, { filter: { ...everyRow, action: "contract.view" } }))
      .rows;
    expect(row).toMatchObject({
      sentence: `Theo Brändle opened the contract “${contract.number}”, confirmed with an authenticator app.`,
      record: { type: "contract", id: contract.id, number: contract.number },
      actor: { email: theo.email },
    });
  });

  it.each<[Partial<AuditFilter>, string[]]>([
    [{ action: "contract.view" }, ["contract.view allowed"]],
    [{ outcome: "refused" }, ["customer.edit refused"]],
    [{ factor: "passkey" }, ["customer.edit allowed"]],
    [{ person: "brandle", action: "customer.edit" }, ["customer.edit allowed", "customer.edit allowed"]],
    [{ person: "nobody at all" }, []],
    [{ until: "2020-02-03" }, ["customer.edit allowed"]],
    [{ from: "2020-02-03", until: "2020-02-03" }, ["customer.edit allowed"]],
    [{ until: "2020-02-02" }, []],
    [{ q: "198.51.100.77" }, ["customer.edit allowed"]],
    [{ q: "open a contract" }, ["contract.view allowed"]],
    [{ q: "access" }, ["customer.edit refused"]],
    [{ q: "theo bu" }, ["contract.view allowed"]],
    [{ q: "theo ut" }, []],
    [{ q: "%" }, []],
    [{ q: "_" }, []],
  ])("finds by %j", async (filter, expected) => {
    expect(await found(filter)).toEqual(expected);
  });

  it("finds everybody whom a name means, however many they are", async () => {
    await world.rows(sql`with crowd as (
        insert into people (name, email, role, password_hash)
        select 'Crowd ' || n, 'crowd-' || n || '@keyturn.example', 'manager', '' from generate_series(1, 201) n
        returning id)
      insert into audit_events (at, actor_id, action, outcome, detail, is_demo)
      select '2019-01-01', id, 'session.sign-out', 'allowed', '{}', true from crowd`);
    const pageSize = 500;
    for (const filter of [{ person: "crowd" }, { q: "crowd" }, { person: "crowd", q: "sign out" }]) {
      const { rows } = await readLog(world.reader, ada, { filter: { ...everyRow, ...filter }, pageSize });
      expect(rows).toHaveLength(201);
    }
    expect(await found({ person: "crowd 201" })).toHaveLength(1);
  });

  it("finds a record by its number and by its id", async () => {
    const ofAcme = ["customer.edit refused", "customer.edit allowed", "customer.edit allowed"];
    expect(await found({ record: acme.number })).toEqual(ofAcme);
    expect(await found({ record: acme.number.toLowerCase() })).toEqual(ofAcme);
    expect(await found({ record: acme.id })).toEqual(ofAcme);
    expect(await found({ q: acme.number })).toEqual(ofAcme);
    expect(await found({ record: contract.number })).toEqual(["contract.view allowed"]);
  });

  it("is no way round to a customer: neither names nor changes are searched or shown", async () => {
    for (const q of ["zephyr", "windworks", "5550199", "old@zephyr.example", "hamburg"])
      expect(await found({ q }), q).toEqual([]);
    for (const record of ["Zephyr Windworks", "zephyr"]) expect(await found({ record }), record).toEqual([]);
    const { rows } = await readLog(world.reader, ada, { filter: everyRow });
    expect(JSON.stringify(rows)).not.toMatch(/zephyr|windworks|5550199/i);
  });

  it("is empty for everybody but administrators and auditors", async () => {
    const auditor = await personOf(await world.auditor());
    expect((await read({}, {}, auditor)).rows).toHaveLength(2);
    for (const someone of [await world.employee(), await world.manager()])
      expect(await read({}, {}, await personOf(someone))).toEqual({ rows: [], newer: null, older: null });
  });

  it("begins anew where an address was tampered with", async () => {
    const first = await read();
    const tampered = Buffer.from('{"at":"2026-02-30T00:00:00.000000Z","seq":1}').toString("base64url");
    for (const after of ["x", tampered, Buffer.from('{"at":"x","seq":1}').toString("base64url")])
      expect(await read({}, { after })).toEqual(first);
    expect(
      filterFrom({ q: ["a", "b"], action: "x", from: "2026-02-30", until: "0000-01-01", person: "a\u0000" }),
    ).toEqual(everyRow);
  });
});
