import pg from "pg";
import { startPostgres } from "../find-postgres.mjs";
import { mustRunNode, tools } from "../lib/run.mjs";
import { multiply } from "./multiply.mjs";
import { type Env, keys } from "./server";

type Postgres = Awaited<ReturnType<typeof startPostgres>>;
/** The server, and the address of the database with 10,000 seeded customers in it. */
export type Databases = { postgres: Postgres; url: string };

/** A throw-away PostgreSQL with one database in it: 10,000 seeded customers. */
export async function startDatabases(): Promise<Databases> {
  const postgres = await startPostgres();
  const url = await create(postgres, 10_000, "template0");
  const env: Env = { ...keys, DATABASE_URL: url, KEYTURN_DEMO: "1" };
  await mustRunNode([...tools.tsx, "scripts/migrate.ts"], { env, quiet: true });
  await mustRunNode([...tools.tsx, "scripts/seed.ts", "--customers", "10000"], { env, quiet: true });
  await multiply(url, 10_000);
  return { postgres, url };
}

/** The same database with more customers. Nobody may be connected to the first one. */
export async function multiplied({ postgres }: Databases, customers: number): Promise<string> {
  const url = await create(postgres, customers, nameOf(10_000));
  await multiply(url, customers);
  return url;
}

const nameOf = (customers: number) => `customers_${customers}`;

async function create(postgres: Postgres, customers: number, template: string): Promise<string> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(`create database ${nameOf(customers)} template ${template}`);
  await client.end();
  return Object.assign(new URL(postgres.url), { pathname: `/${nameOf(customers)}` }).href;
}
