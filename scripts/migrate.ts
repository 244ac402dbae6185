import { join } from "node:path";
import { migrateFolder, migrateServer } from "@/db/migrate";
import { lockDataFolder } from "@/lib/platform/data-lock";
import { environment } from "@/lib/platform/env";
import { speaking } from "./lib/sentences.mjs";

/*
 * npm run db:migrate
 *
 * Brings the schema up to date: of PostgreSQL as KEYTURN_MIGRATION_URL, else of the embedded database.
 */
await speaking(async () => {
  const env = environment();
  if (env.databaseUrl) {
    await migrateServer(env.migrationUrl ?? env.databaseUrl, env.databaseUrl);
  } else {
    lockDataFolder(env.dataDir);
    await migrateFolder(join(env.dataDir, "database"));
  }
  console.log("The database's schema is up to date.");
});
