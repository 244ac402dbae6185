import { PGlite } from "@electric-sql/pglite";
import { pg_trgm } from "@electric-sql/pglite/contrib/pg_trgm";
import { unaccent } from "@electric-sql/pglite/contrib/unaccent";
import type { ExtractTablesWithRelations } from "drizzle-orm";
import { drizzle as drizzlePg } from "drizzle-orm/node-postgres";
import type { PgDatabase, PgQueryResultHKT, PgTransaction } from "drizzle-orm/pg-core";
import { drizzle as drizzlePglite } from "drizzle-orm/pglite";
import { openPool } from "./pool";
import * as schema from "./schema";

type Schema = typeof schema;

/** The writable handle. Only the pipeline, the session and scripts may hold it (see boundaries.test.ts). */
export type Database = PgDatabase<PgQueryResultHKT, Schema>;

/** An open transaction. Inside it nothing else may be awaited on the outer handle: PGlite would hang. */
export type Tx = PgTransaction<PgQueryResultHKT, Schema, ExtractTablesWithRelations<Schema>>;

/** What pages get: it can select and nothing else. A transaction serves as one, too. */
export type Reader = Pick<Database, "select" | "selectDistinct" | "$count">;

export type OpenDatabase = {
  kind: "pglite" | "postgresql";
  database: Database;
  reader: Reader;
  close(): Promise<void>;
};

export type DatabaseOptions = {
  /** PostgreSQL; without it the embedded database. */
  url?: string;
  /** Folder of the embedded database; without it the data stays in memory. */
  folder?: string;
  /** After so long without a byte a connection of PostgreSQL is given up. */
  silenceMs?: number;
  /** Sees every statement: tests count queries with it. */
  onQuery?: ((statement: string, parameters: unknown[]) => void) | undefined;
};

const readerMethods = ["select", "selectDistinct", "$count"] as const;

/**
 * Opens PostgreSQL or, without a URL, the embedded PGlite. On PostgreSQL the reader's connections are read-only
 * for the server as well; on PGlite the reader is the narrowed handle alone.
 * Throws what the driver throws when the database cannot be reached.
 */
export async function openDatabase(options: DatabaseOptions): Promise<OpenDatabase> {
  const config = {
    schema,
    casing: "snake_case" as const,
    ...(options.onQuery ? { logger: { logQuery: options.onQuery } } : {}),
  };
  if (options.url) {
    const { url, silenceMs = 30_000 } = options;
    const pool = openPool(url, { options: "", silenceMs });
    const readPool = openPool(url, { options: "-c default_transaction_read_only=on", silenceMs });
    return {
      kind: "postgresql",
      database: drizzlePg(pool, config) as unknown as Database,
      reader: narrow(drizzlePg(readPool, config) as unknown as Database),
      close: async () => {
        await Promise.all([pool.end(), readPool.end()]);
      },
    };
  }
  const client = await PGlite.create({
    ...(options.folder ? { dataDir: options.folder } : {}),
    extensions: { pg_trgm, unaccent },
  });
  const database = drizzlePglite(client, config) as unknown as Database;
  return { kind: "pglite", database, reader: narrow(database), close: () => client.close() };
}

function narrow(database: Database): Reader {
  const reader: Record<string, unknown> = {};
  for (const method of readerMethods) {
    reader[method] = (database[method] as (...args: unknown[]) => unknown).bind(database);
  }
  return reader as unknown as Reader;
}
