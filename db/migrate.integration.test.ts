import { Client } from "pg";
import { afterAll, beforeAll, expect, inject, it } from "vitest";
import { migrateServer } from "./migrate";

const server: string = inject("postgresUrl") ?? process.env.KEYTURN_TEST_POSTGRES_URL ?? "";
const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
const role = `app_${name.slice(-12)}`;

function urlOf(user?: string) {
  const url = new URL(server);
  url.pathname = `/${name}`;
  if (user) Object.assign(url, { username: user, password: "secret" });
  return url.href;
}

async function as<T>(url: string, work: (client: Client) => Promise<T>): Promise<T> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  await as(server, async (client) => {
    await client.query(`create database ${name}`);
    await client.query(`create role ${role} login password 'secret'`);
  });
  // Several instances start at the same moment.
  await Promise.all(Array.from({ length: 4 }, () => migrateServer(urlOf(), urlOf(role))));
});

afterAll(() =>
  as(server, async (client) => {
    await client.query(`drop database ${name} with (force)`);
    await client.query(`drop role ${role}`);
  }),
);

it("instances that start together migrate one after another", async () => {
  const { rows } = await as(urlOf(), (client) =>
    client.query(
      "select count(*)::int, count(distinct hash)::int as different from drizzle.__drizzle_migrations",
    ),
  );
  expect(rows[0].count).toBe(rows[0].different);
});

it("the app's role reads and writes, and changes no tables", async () => {
  await as(urlOf(role), async (client) => {
    await client.query("insert into teams (name) values ('North')");
    await client.query("insert into customers (name, team_id) select 'Acme', id from teams");
    await client.query("insert into contacts (customer_id, name) select id, 'Zoë' from customers");
    const { rows } = await client.query(
      "select search_text from customers where search_text like '%zoe%' for update",
    );
    expect(rows).toHaveLength(1);
    await expect(client.query("drop table contacts")).rejects.toThrow("must be owner");
    await expect(client.query("alter table audit_events disable trigger all")).rejects.toThrow(
      "must be owner",
    );
    await expect(client.query("create table mine (id int)")).rejects.toThrow("permission denied");
  });
});

it("of the log it adds rows and folds repeats, and rewrites nothing", async () => {
  await as(urlOf(role), async (client) => {
    await client.query(
      "insert into audit_events (at, action, outcome, detail) values (now(), 'x', 'refused', '{}')",
    );
    await client.query("select seq from audit_events for update");
    await client.query("update audit_events set repeats = repeats + 1, mac = 'm'");
    const denied = [
      "update audit_events set action = 'y'",
      "delete from audit_events",
      "truncate audit_events",
    ];
    for (const statement of denied)
      await expect(client.query(statement)).rejects.toThrow("permission denied");
  });
});

it("the app's role can neither make itself more, nor reach the rest of the server", async () => {
  await as(urlOf(role), async (client) => {
    const { rows } = await client.query(
      "select count(*)::int as triggers from pg_trigger t join pg_class c on c.oid = t.tgrelid where not t.tgisinternal and c.relnamespace = 'public'::regnamespace",
    );
    expect(rows[0].triggers).toBeGreaterThan(0);
    const denied = [
      "drop trigger customers_search_text on customers",
      "alter table audit_events add column mine text",
      "alter table audit_events owner to current_user",
      "create trigger mine before insert on audit_events for each row execute function lower()",
      "create rule mine as on update to audit_events do instead nothing",
      "alter sequence audit_events_seq_seq restart",
      "alter extension pg_trgm update",
      "create schema mine",
      "select * from pg_shadow",
      "select rolpassword from pg_authid",
      "select pg_read_file('postgresql.conf')",
      "copy teams to program 'cat'",
      "copy teams to '/tmp/teams'",
      `alter role ${role} superuser`,
      "create role mine",
      "set session_replication_role = replica",
      "insert into drizzle.__drizzle_migrations (hash) values ('mine')",
    ];
    for (const statement of denied) {
      const answer = await client.query(statement).then(
        () => "done",
        (error: Error) => error.message,
      );
      expect([statement, answer]).toEqual([
        statement,
        expect.stringMatching(/must be (owner|superuser)|permission denied|must be able to|only roles with/i),
      ]);
    }
  });
});

it("an unreachable server is the driver's error, soon", async () => {
  await expect(migrateServer("postgresql://nobody@127.0.0.1:1/none", "")).rejects.toMatchObject({
    code: "ECONNREFUSED",
  });
});
