import pg from "pg";
import { startPostgres } from "../find-postgres.mjs";
import { mustRunNode, tools } from "../lib/run.mjs";
import { multiply } from "./multiply.mjs";
import { type Env, keys } from "./server";

type Postgres = Awaited<ReturnType<typeof startPostgres>>;
/** The server, and the address of the database with 10,000 seeded customers in it. */
export type Databases = { postgres: Postgres; url: string };

/** A throw-away PostgreSQL with 10,000 seeded customers: once to be worked on, and once as they were put in. */
export async function startDatabases(): Promise<Databases> {
  const postgres = await startPostgres();
  const seeded = await create(postgres, pristine, "template0");
  const env: Env = { ...keys, DATABASE_URL: seeded, KEYTURN_DEMO: "1" };
  await mustRunNode([...tools.tsx, "scripts/migrate.ts"], { env, quiet: true });
  await mustRunNode([...tools.tsx, "scripts/seed.ts", "--customers", "10000"], { env, quiet: true });
  await multiply(seeded, 10_000);
  return { postgres, url: await create(postgres, "customers_10000", pristine) };
}

/** The customers as they were put in, and many more of their kind. */
export async function multiplied({ postgres }: Databases, customers: number): Promise<string> {
  const url = await create(postgres, `customers_${customers}`, pristine);
  await multiply(url, customers);
  return url;
}

/** What a database is made from: nobody is ever connected to it again. */
const pristine = "customers_seeded";

async function create(postgres: Postgres, name: string, template: string): Promise<string> {
  const client = new pg.Client({ connectionString: postgres.url });
  await client.connect();
  await client.query(`create database ${name} template ${template}`);
  await client.end();
  return Object.assign(new URL(postgres.url), { pathname: `/${name}` }).href;
}
