import { fileURLToPath } from "node:url";
import { drizzle } from "drizzle-orm/node-postgres";
import { migrate as migratePostgres } from "drizzle-orm/node-postgres/migrator";
import { migrate as migratePglite } from "drizzle-orm/pglite/migrator";
import { Client } from "pg";
import { openDatabase } from "./client";
import { turns } from "./turn";

const migrationsFolder = fileURLToPath(new URL("./migrations", import.meta.url));

/** Brings the embedded database up to date. The caller holds the folder's lock. */
export async function migrateFolder(folder: string): Promise<void> {
  const opened = await openDatabase({ folder });
  try {
    await migratePglite(opened.database as never, { migrationsFolder });
  } finally {
    await opened.close();
  }
}

/**
 * Brings a PostgreSQL up to date as `ownerUrl`, one instance after another, and lets the role of `appUrl` work with
 * the tables where that is another one. Throws what the driver throws when it cannot be reached.
 */
export async function migrateServer(ownerUrl: string, appUrl: string): Promise<void> {
  const client = new Client({ connectionString: ownerUrl, connectionTimeoutMillis: 5_000 });
  await client.connect();
  try {
    await client.query("select pg_advisory_lock($1)", [turns.migrate]);
    await migratePostgres(drizzle(client), { migrationsFolder });
    const { rows } = await client.query<{ current_user: string }>("select current_user");
    const role = decodeURIComponent(new URL(appUrl).username);
    if (role && role !== rows[0]?.current_user) await letWork(client, role);
  } finally {
    // Ends the lock as well, whatever happened.
    await client.end();
  }
}

/**
 * Reading and writing, no changing of tables. The log and the policy's versions can be added to; of what is in the log, only a folded repeat may
 * change (threats.md, database writer).
 */
async function letWork(client: Client, role: string): Promise<void> {
  const app = client.escapeIdentifier(role);
  await client.query(`
    grant usage on schema public to ${app};
    grant select, insert, update, delete on all tables in schema public to ${app};
    grant usage on all sequences in schema public to ${app};
    revoke update, delete on audit_events, audit_leaves, audit_nodes, audit_heads, policy_versions from ${app};
    grant update (repeats, mac) on audit_events to ${app};
  `);
}
