import { fileURLToPath } from "node:url";
import { migrate as migratePg } from "drizzle-orm/node-postgres/migrator";
import { migrate as migratePglite } from "drizzle-orm/pglite/migrator";
import { Client } from "pg";
import { inject } from "vitest";
import { type DatabaseOptions, type OpenDatabase, openDatabase } from "./client";

declare module "vitest" {
  export interface ProvidedContext {
    postgresUrl: string;
  }
}

const migrationsFolder = fileURLToPath(new URL("./migrations", import.meta.url));

type Options = Pick<DatabaseOptions, "onQuery">;

/** Both kinds of database, each opened empty and migrated: every integration test runs on both. */
export const testDatabases: {
  name: "PGlite" | "PostgreSQL";
  open(options?: Options): Promise<OpenDatabase>;
}[] = [
  { name: "PGlite", open: openPglite },
  { name: "PostgreSQL", open: openPostgres },
];

async function openPglite(options: Options = {}): Promise<OpenDatabase> {
  const opened = await openDatabase(options);
  await migratePglite(opened.database as never, { migrationsFolder });
  return opened;
}

async function openPostgres(options: Options = {}): Promise<OpenDatabase> {
  const server: string | undefined = inject("postgresUrl") ?? process.env.KEYTURN_TEST_POSTGRES_URL;
  if (!server)
    throw new Error("Set KEYTURN_TEST_POSTGRES_URL to a PostgreSQL where tests may create databases");
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  await execute(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const opened = await openDatabase({ ...options, url: url.href });
  await migratePg(opened.database as never, { migrationsFolder });
  const close = async () => {
    await opened.close();
    await execute(server, `DROP DATABASE ${name} WITH (FORCE)`);
  };
  return { ...opened, close };
}

async function execute(url: string, statement: string): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await client.query(statement);
  } finally {
    await client.end();
  }
}
