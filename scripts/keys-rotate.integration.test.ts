import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { sql } from "drizzle-orm";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { type OpenDatabase, openDatabase } from "@/db/client";
import { migrateFolder, migrateServer } from "@/db/migrate";
import { outbox } from "@/db/schema/outbox";
import { mailPlace } from "@/lib/notices/outbox";
import { lockDataFolder } from "@/lib/platform/data-lock";
import { type KeyRing, parseKeyRing, seal, unseal } from "@/lib/platform/key-ring";
import { loadSecrets } from "@/lib/platform/secrets";
import { root, tools } from "./lib/run.mjs";

/* The command as the operator runs it. What it does to each column is tested in lib/reseal.integration.test.ts. */

type Env = Record<string, string>;

function begins(env: Env, ...args: string[]): ChildProcess {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(KEYTURN_|NEXTAUTH_|DATABASE_URL|PORT|NODE_ENV|SMTP_|VITEST)/.test(name),
  );
  return spawn(process.execPath, [...tools.tsx, "scripts/keys-rotate.ts", ...args], {
    cwd: root,
    env: { ...Object.fromEntries(inherited), ...env } as NodeJS.ProcessEnv,
  });
}

async function rotates(env: Env, ...args: string[]) {
  const child = begins(env, ...args);
  const output = { stdout: "", stderr: "" };
  child.stdout?.on("data", (text) => (output.stdout += text));
  child.stderr?.on("data", (text) => (output.stderr += text));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stdout: output.stdout.trim(), stderr: output.stderr.trim() };
}

/** Mails with these texts, sealed by a ring. */
async function mails({ database }: OpenDatabase, ring: KeyRing, texts: string[]): Promise<void> {
  const rows = texts.map((text) => {
    const id = crypto.randomUUID();
    return {
      id,
      recipient: "a@b.example",
      subject: text,
      kind: "test",
      sealedBody: seal(ring, Buffer.from(text), mailPlace(id)),
    };
  });
  while (rows.length > 0) await database.insert(outbox).values(rows.splice(0, 1_000));
}

/** How many mails each key sealed; every one must open to its text. */
async function readMails({ reader }: OpenDatabase, ring: KeyRing): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (const { id, subject, sealedBody } of await reader.select().from(outbox)) {
    const sealed = sealedBody ?? "";
    if (unseal(ring, sealed, mailPlace(id)).toString() !== subject) throw new Error("another text");
    const keyId = sealed.split(".")[1] ?? "";
    counts[keyId] = (counts[keyId] ?? 0) + 1;
  }
  return counts;
}

const secret = () => randomBytes(32).toString("base64");

describe("keys:rotate on PostgreSQL, with keys from the environment", () => {
  const server: string = inject("postgresUrl") ?? process.env.KEYTURN_TEST_POSTGRES_URL ?? "";
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  const url = Object.assign(new URL(server), { pathname: `/${name}` }).href;
  const [one, two] = [`1:${secret()}`, `2:${secret()}`];
  const env = (keys: string): Env => ({
    KEYTURN_URL: "https://crm.company.example",
    DATABASE_URL: url,
    KEYTURN_DEMO: "0",
    NEXTAUTH_SECRET: secret(),
    KEYTURN_ENCRYPTION_KEYS: keys,
    KEYTURN_AUDIT_KEY: secret(),
  });
  const onServer = async (statement: string) => {
    const client = new Client({ connectionString: server });
    await client.connect();
    await client.query(statement).finally(() => client.end());
  };
  let opened: OpenDatabase;
  beforeAll(async () => {
    await onServer(`create database ${name}`);
    await migrateServer(url, url);
    opened = await openDatabase({ url });
  });
  afterAll(async () => {
    await opened.close();
    await onServer(`drop database ${name} with (force)`);
  });

  it("says what to write while there is one key, and shows none", async () => {
    await mails(opened, parseKeyRing(one), ["first"]);
    const { code, stdout, stderr } = await rotates(env(one));
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr).toContain('KEYTURN_ENCRYPTION_KEYS="2:$(openssl rand -base64 32),1:');
    expect(stderr).not.toContain(one.slice(2));
  });

  it("refuses to retire what is still needed, and names how much of what", async () => {
    const { code, stderr } = await rotates(env(`${two},${one}`), "--retire");
    expect([code, stderr]).toEqual([
      1,
      "Not yet: 1 of outbox.sealed_body (key 1) would be lost; run npm run keys:rotate first.",
    ]);
  });

  it("killed in the middle it has lost nothing, and a second run finishes, beside an app that writes", async () => {
    const ring = parseKeyRing(`${two},${one}`);
    await mails(
      opened,
      parseKeyRing(one),
      Array.from({ length: 5_000 }, (_, count) => `mail ${count}`),
    );
    const child = begins(env(`${two},${one}`));
    const ended = new Promise((resolve) => child.once("close", resolve));
    const resealed = () => opened.database.$count(outbox, sql`${outbox.sealedBody} like 'v1.2.%'`);
    await expect.poll(resealed, { timeout: 60_000, interval: 5 }).toBeGreaterThan(0);
    child.kill("SIGKILL");
    await ended;
    const middle = await readMails(opened, ring);
    expect([middle["1"], middle["2"]].map((count) => (count ?? 0) > 0)).toEqual([true, true]);

    const running = rotates(env(`${two},${one}`));
    let over = false;
    void running.finally(() => {
      over = true;
    });
    let written = 0;
    for (; !over; written += 1) await mails(opened, ring, [`meanwhile ${written}`]);
    const { code, stdout, stderr } = await running;
    expect([code, stderr]).toEqual([0, ""]);
    expect(stdout).toMatch(/outbox\.sealed_body: \d+ sealed anew with key 2\n/);
    expect(stdout).toContain('take "1:…" out of KEYTURN_ENCRYPTION_KEYS');
    expect(await readMails(opened, parseKeyRing(two))).toEqual({ "2": 5_001 + written });
    expect(written).toBeGreaterThan(0);
  });

  it("says what to take out once nothing needs it, and what is lost where a key is gone", async () => {
    expect(await rotates(env(`${two},${one}`), "--retire")).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('take "1:…" out'),
    });
    const lost = await rotates(env(`4:${secret()},3:${secret()}`));
    expect(lost.stdout).toMatch(
      /Not in the ring, and left as they are: \d+ of outbox\.sealed_body \(key 2\)\./,
    );
  });
});

describe("keys:rotate on the embedded database, with keys of the data folder", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "keyturn-keys-"));
  const env = { KEYTURN_DATA_DIR: dataDir, KEYTURN_DEMO: "0" };
  const ring = () => loadSecrets({ dataDir }).encryptionKeys;
  const inFolder = async <T>(work: (opened: OpenDatabase) => Promise<T>): Promise<T> => {
    const opened = await openDatabase({ folder: join(dataDir, "database") });
    return work(opened).finally(() => opened.close());
  };
  beforeAll(async () => {
    await migrateFolder(join(dataDir, "database"));
    await inFolder((opened) => mails(opened, ring(), ["first", "second"]));
  });
  afterAll(() => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 }));

  it("refuses beside a running app, and touches no key", async () => {
    const before = readFileSync(join(dataDir, "secrets.json"), "utf8");
    const lock = lockDataFolder(dataDir);
    const beside = await rotates(env);
    lock.release();
    expect([beside.code, beside.stderr]).toEqual([
      1,
      expect.stringMatching(/^Another Keyturn process .* stop it/),
    ]);
    expect(readFileSync(join(dataDir, "secrets.json"), "utf8")).toBe(before);
  });

  it("makes a key, seals everything with it and keeps the old one, until that is retired", async () => {
    const [old] = ring();
    const { code, stdout } = await rotates(env);
    expect([code, stdout]).toEqual([
      0,
      expect.stringContaining("outbox.sealed_body: 2 sealed anew with key 2"),
    ]);
    expect(ring().map(({ id }) => id)).toEqual(["2", "1"]);
    expect(ring()[1]).toEqual(old);
    expect(await inFolder((opened) => readMails(opened, ring().slice(0, 1)))).toEqual({ "2": 2 });
    expect(statSync(join(dataDir, "secrets.json")).mode & 0o077).toBe(0);

    // As the app does whose start was before: its texts keep the key.
    await inFolder((opened) => mails(opened, ring().slice(1), ["third"]));
    const tooEarly = await rotates(env, "--retire");
    expect([tooEarly.code, tooEarly.stderr]).toEqual([
      1,
      expect.stringContaining("1 of outbox.sealed_body (key 1) would be lost"),
    ]);
    expect(ring()).toHaveLength(2);

    // What was left goes on with the same key: no third one.
    await rotates(env);
    expect((await rotates(env, "--retire")).stdout).toMatch(/^Removed key 1\./);
    expect(ring().map(({ id }) => id)).toEqual(["2"]);
    expect(await inFolder((opened) => readMails(opened, ring()))).toEqual({ "2": 3 });
  });

  it("takes nothing but --retire", async () => {
    expect(await rotates(env, "--force")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("--retire"),
    });
    expect((await rotates(env, "--retire")).stderr).toBe("There is only key 2: nothing to retire.");
  });
});
