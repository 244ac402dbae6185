import { join } from "node:path";
import { type OpenDatabase, openDatabase, type Reader } from "@/db/client";
import { lockDataFolder } from "./data-lock";
import { environment } from "./env";

declare global {
  var keyturnDatabase: Promise<OpenDatabase> | undefined;
}

/**
 * This process's database, opened once: PGlite allows one opener a folder, and Next loads this module several
 * times. A failed opening is not kept, so that the next request tries again.
 */
export function runningDatabase(): Promise<OpenDatabase> {
  globalThis.keyturnDatabase ??= open().catch((error: unknown) => {
    globalThis.keyturnDatabase = undefined;
    throw error;
  });
  return globalThis.keyturnDatabase;
}

async function open(): Promise<OpenDatabase> {
  const env = environment();
  if (env.databaseUrl) return openDatabase({ url: env.databaseUrl });
  lockDataFolder(env.dataDir);
  return openDatabase({ folder: join(env.dataDir, "database") });
}

/** What pages get: a handle that can only select. */
export async function runningReader(): Promise<Reader> {
  return (await runningDatabase()).reader;
}
