import { createHash, randomUUID } from "node:crypto";
import {
  cpSync,
  existsSync,
  constants as files,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
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

const root = fileURLToPath(new URL("..", import.meta.url));
const migrationsFolder = join(root, "db/migrations");

type Options = Pick<DatabaseOptions, "onQuery"> & {
  /** Another way to a PostgreSQL's address: one that can be cut. */
  through?: ((url: string) => string) | undefined;
};

/** Both kinds of database, each opened empty and migrated: every integration test runs on both. */
export const testDatabases: {
  name: "PGlite" | "PostgreSQL";
  open(options?: Options): Promise<OpenDatabase>;
}[] = [
  { name: "PGlite", open: openPglite },
  { name: "PostgreSQL", open: openPostgres },
];

/** A copy of one migrated folder: to open one takes a fifth of the work of creating one. */
async function openPglite(options: Options = {}): Promise<OpenDatabase> {
  const folder = join(tmpdir(), `keyturn-test-${randomUUID()}`);
  cpSync(await migratedFolder(), folder, { recursive: true, mode: files.COPYFILE_FICLONE });
  const opened = await openDatabase({ onQuery: options.onQuery, folder });
  const close = async () => {
    await opened.close();
    rmSync(folder, { recursive: true, force: true });
  };
  return { ...opened, close };
}

/** Made once for these migrations. Of two test files that make it together, one wins and the other takes that one. */
async function migratedFolder(): Promise<string> {
  const folder = join(root, ".cache/test-databases", fingerprint());
  if (existsSync(folder)) return folder;
  const draft = `${folder}.${randomUUID()}`;
  mkdirSync(draft, { recursive: true });
  const opened = await openDatabase({ folder: draft });
  await migratePglite(opened.database as never, { migrationsFolder });
  await opened.close();
  try {
    renameSync(draft, folder);
  } catch (error) {
    rmSync(draft, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

function fingerprint(): string {
  const hash = createHash("sha256").update(
    readFileSync(join(root, "node_modules/@electric-sql/pglite/package.json")),
  );
  for (const name of readdirSync(migrationsFolder).sort()) {
    if (name.endsWith(".sql")) hash.update(name).update(readFileSync(join(migrationsFolder, name)));
  }
  return hash
    .update(readFileSync(join(migrationsFolder, "meta/_journal.json")))
    .digest("hex")
    .slice(0, 16);
}

async function openPostgres(options: Options = {}): Promise<OpenDatabase> {
  const server: string | undefined = inject("postgresUrl") ?? process.env.KEYTURN_TEST_POSTGRES_URL;
  if (!server)
    throw new Error("Set KEYTURN_TEST_POSTGRES_URL to a PostgreSQL where tests may create databases");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await execute(server, `CREATE DATABASE ${name}`);
  const url = new URL(server);
  url.pathname = `/${name}`;
  const { through, ...rest } = options;
  const opened = await openDatabase({ ...rest, url: through?.(url.href) ?? url.href });
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
