import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { World } from "@/e2e/fixtures/world";
import { startPostgres } from "../find-postgres.mjs";
import { afterUs } from "../lib/after-us.mjs";
import { mustRunNode, tools } from "../lib/run.mjs";
import { App } from "./app";
import { DatabaseProxy } from "./database-proxy";
import type { Journal } from "./journal";
import { openJournal } from "./journal";

/** All there is to break, and what stands beside it and sees: `world` reads the database past the proxy. */
export type Stage = {
  postgres: Awaited<ReturnType<typeof startPostgres>>;
  proxy: DatabaseProxy;
  app: App;
  journal: Journal;
  dataDir: string;
  witness: string;
  /** The database's own address, past the proxy. */
  url: string;
  world: World;
  close(): Promise<void>;
};

export async function openStage(): Promise<Stage> {
  const postgres = await startPostgres();
  const folder = mkdtempSync(join(tmpdir(), "keyturn-faults-"));
  afterUs({ folders: [folder] });
  const proxy = await DatabaseProxy.open(postgres.url);
  const dataDir = join(folder, "data");
  const witness = join(folder, "witness");
  const app = await App.at({
    DATABASE_URL: proxy.through(postgres.url),
    KEYTURN_DATA_DIR: dataDir,
    KEYTURN_AUDIT_WITNESS: witness,
  });
  const env = { ...app.environment, DATABASE_URL: postgres.url };
  await mustRunNode([...tools.tsx, "scripts/migrate.ts"], { env, quiet: true });
  Object.assign(process.env, app.environment);
  const world = await World.open(postgres.url);
  await app.start();
  const close = async () => {
    await app.stop();
    await world.close();
    await proxy.close();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  };
  return { postgres, proxy, app, journal: openJournal(), dataDir, witness, url: postgres.url, world, close };
}
