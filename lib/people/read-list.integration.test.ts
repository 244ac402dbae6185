import { type SQL, sql } from "drizzle-orm";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { OpenDatabase } from "@/db/client";
import { fillForTests, seeded } from "@/db/seed/testing";
import { testDatabases } from "@/db/testing";
import { readOpenApprovals } from "@/lib/approvals/read";
import { hasRoomForAdministrator } from "./administrators";
import { countedUpTo, foundUpTo, type PeopleQuery, readPeopleList } from "./read-list";
import { readOpenHelpRequests, readOpenLinks } from "./read-people";
import { readPerson } from "./read-person";

const ada = seeded("ada");
const howMany = 50_000;

/*
 * On as many people as an installation may have: what the page shows, how many queries it takes, and the database's own
 * plans for them.
 */
describe.each(testDatabases)("the list of people on $name", ({ open }) => {
  let opened: OpenDatabase;
  let queries: { statement: string; parameters: unknown[] }[] = [];
  const read = (query: PeopleQuery = {}, reader = ada) => readPeopleList(opened.reader, reader, query);
  const names = async (query: PeopleQuery) => (await read(query)).rows.map(({ name }) => name);

  beforeAll(async () => {
    opened = await open({ onQuery: (statement, parameters) => queries.push({ statement, parameters }) });
    await fillForTests(opened.database, 0);
    await opened.database.execute(sql`
      insert into people (email, name, role, team_id, password_hash, is_demo)
      select md5(n::text) || '@many.example', 'Person ' || md5(n::text), 'employee', ${seeded("theo").teamId}::uuid, 'x', true
      from generate_series(1, ${howMany}::int) as n`);
    await opened.database.execute(sql`
      insert into authenticators (user_id, factor, name) select id, 'totp', 'Phone' from people where name > 'Person 8'`);
    await opened.database.execute(sql`
      insert into people (email, name, role, password_hash, is_demo, disabled_at) values
        ('jose@many.example', 'José Ñandú', 'manager', 'x', true, null),
        ('gone@many.example', 'Ute Gegangen', 'employee', 'x', true, now())`);
    await opened.database.execute(sql`insert into help_requests (person_id, action)
      select id, 'customer.edit' from people where email = 'jose@many.example'`);
    // The trigram index keeps what is new in a list of its own until then.
    await opened.database.execute(sql`vacuum analyze`);
  }, 120_000);
  afterAll(() => opened.close());

  it("finds by parts of name and address, in whatever case and accents", async () => {
    expect(await names({ q: "nandu" })).toEqual(["José Ñandú"]);
    expect(await names({ q: "JOSÉ many.ex" })).toEqual(["José Ñandú"]);
    expect(await names({ q: "jo na" })).toEqual(["José Ñandú"]);
    expect(await names({ q: "100%" })).toEqual([]);
    expect(await names({ q: "&" })).toEqual([]);
  });

  it("narrows to a role, a team, those without a second factor, who asks for help, and the disabled", async () => {
    expect((await read({ role: "administrator" })).rows.map(({ email }) => email)).toEqual([
      "ada@keyturn.example",
      "alan@keyturn.example",
    ]);
    expect(await names({ show: "asked-for-help" })).toEqual(["José Ñandú"]);
    expect(await names({ show: "disabled" })).toEqual(["Ute Gegangen"]);
    expect(await names({ q: "gegangen" })).toEqual([]);
    const without = await read({ show: "no-factor" });
    expect(without.rows.every(({ factors }) => factors.length === 0)).toBe(true);
    const south = await read({ teamId: seeded("maya").teamId ?? "" });
    expect(south.rows.every(({ team }) => team === "Key accounts")).toBe(true);
  });

  it("goes there and back again without a gap or a repeat, and begins anew where a cursor was forged", async () => {
    const first = await read({ q: "person" });
    const second = await read({ q: "person", after: first.next ?? "" });
    const back = await read({ q: "person", before: second.previous ?? "" });
    expect(back.rows).toEqual(first.rows);
    expect(first.previous).toBeNull();
    const seen = [...first.rows, ...second.rows].map(({ id }) => id);
    expect(new Set(seen).size).toBe(100);
    expect((await read({ q: "person", after: "forged" })).rows).toEqual(first.rows);
    expect(
      (await read({ q: "person", after: Buffer.from('{"key":"x"}').toString("base64url") })).rows,
    ).toEqual(first.rows);
  });

  it("counts up to a limit, and exactly below it", async () => {
    expect(await read()).toMatchObject({ total: countedUpTo, isMore: true });
    expect(await read({ q: "person" })).toMatchObject({ total: foundUpTo, isMore: true });
    expect(await read({ role: "administrator" })).toMatchObject({ total: 2, isMore: false });
  });

  it("is an administrator's alone", async () => {
    for (const name of ["erin", "maya"]) {
      expect(await read({}, seeded(name))).toMatchObject({ rows: [], total: 0 });
      expect(await readPerson(opened.reader, seeded(name), ada.id)).toBeNull();
    }
    expect(await readPerson(opened.reader, ada, "no id")).toBeNull();
    expect((await readPerson(opened.reader, ada, seeded("theo").id))?.name).toBe(seeded("theo").name);
    // Whoever has no team has colleagues all the same.
    expect((await readPerson(opened.reader, ada, ada.id))?.name).toBe(ada.name);
  });

  it("takes as many queries with 50,000 people as with one, and so does a person's page", async () => {
    queries = [];
    await Promise.all([
      read(),
      readOpenLinks(opened.reader, ada),
      readOpenHelpRequests(opened.reader, ada),
      readOpenApprovals(opened.reader, ada),
      hasRoomForAdministrator(opened.reader),
    ]);
    expect(queries).toHaveLength(5);
    queries = [];
    await readPerson(opened.reader, ada, seeded("theo").id);
    expect(queries).toHaveLength(10);
  });

  async function planOf(query: PeopleQuery): Promise<string> {
    queries = [];
    await read(query);
    const [statement] = queries;
    if (!statement) throw new Error("nothing was asked");
    const answer = (await opened.database.execute(sql`explain ${bound(statement)}`)) as {
      rows: Record<string, string>[];
    };
    return answer.rows.map((row) => Object.values(row).join("")).join("\n");
  }

  it("any page is read off the index of its order", async () => {
    const { next } = await read();
    for (const query of [{}, { after: next ?? "" }, { before: next ?? "" }]) {
      const plan = await planOf(query);
      expect(plan).toMatch(/Index Scan( Backward)? using people_order/);
      if (Object.keys(query).length > 0) expect(plan).toMatch(/Index Cond: .*ROW\(/);
    }
  });

  it.each(["nandu", "theo@keyturn", "qx"])("searching %j goes through the trigram index", async (q) => {
    const plan = await planOf({ q });
    expect(plan).toContain("Bitmap Index Scan on people_search");
    expect(plan).not.toContain("Seq Scan on people");
  });
});

/** A logged statement with its parameters in their places again. */
function bound({ statement, parameters }: { statement: string; parameters: unknown[] }): SQL {
  const parts = statement.split(/\$(\d+)/);
  return sql.join(
    parts.map((part, place) => (place % 2 === 0 ? sql.raw(part) : sql`${parameters[Number(part) - 1]}`)),
  );
}
