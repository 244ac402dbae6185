import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { migrate as migratePg } from "drizzle-orm/node-postgres/migrator";
import { migrate as migratePglite } from "drizzle-orm/pglite/migrator";
import { Client } from "pg";
import { expect, inject, test } from "vitest";
import { openDatabase } from "./client";
import { teams } from "./schema/people";

const migrationsFolder = fileURLToPath(new URL("./migrations", import.meta.url));
const writer = fileURLToPath(new URL("./crash-writer.ts", import.meta.url));

/** Lets a process of its own write, and kills it without notice after so many acknowledged rows. */
async function killedAfter(rows: number, env: Record<string, string>): Promise<string[]> {
  const child = spawn(process.execPath, ["--import", "tsx", writer], {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const acknowledged: string[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    acknowledged.push(line);
    if (acknowledged.length === rows) child.kill("SIGKILL");
  }
  expect(child.signalCode ?? "SIGKILL").toBe("SIGKILL");
  return acknowledged;
}

test("kill -9 loses no acknowledged row of the embedded database", async () => {
  const folder = mkdtempSync(join(tmpdir(), "keyturn-crash-"));
  try {
    const first = await openDatabase({ folder });
    await migratePglite(first.database as never, { migrationsFolder });
    await first.close();
    const acknowledged = await killedAfter(25, { WRITER_FOLDER: folder });
    const again = await openDatabase({ folder });
    const kept = (await again.database.select({ name: teams.name }).from(teams)).map(({ name }) => name);
    await again.close();
    expect(acknowledged.length).toBeGreaterThanOrEqual(25);
    expect(kept).toEqual(expect.arrayContaining(acknowledged));
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}, 300_000);

test("kill -9 of the app loses no acknowledged row on PostgreSQL", async () => {
  const name = `crash_${crypto.randomUUID().replaceAll("-", "")}`;
  const admin = new Client({ connectionString: inject("postgresUrl") });
  await admin.connect();
  await admin.query(`CREATE DATABASE ${name}`);
  const url = Object.assign(new URL(inject("postgresUrl")), { pathname: `/${name}` }).href;
  const opened = await openDatabase({ url });
  try {
    await migratePg(opened.database as never, { migrationsFolder });
    const acknowledged = await killedAfter(25, { WRITER_URL: url });
    const kept = (await opened.database.select({ name: teams.name }).from(teams)).map(({ name }) => name);
    expect(kept).toEqual(expect.arrayContaining(acknowledged));
  } finally {
    await opened.close();
    await admin.query(`DROP DATABASE ${name} WITH (FORCE)`);
    await admin.end();
  }
}, 300_000);
