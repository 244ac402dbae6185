import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { openDatabase } from "@/db/client";
import { logSigner } from "@/lib/audit/log/log-key";
import { keepHead, outsideHeadFile } from "@/lib/audit/log/outside-head";
import { sealRows } from "@/lib/audit/log/seal-rows";
import { addToFolder } from "@/lib/audit/log/witness";
import { type Env, runScript } from "./lib/run-script";

/* The commands as the operator and the auditor run them. What they find is tested in lib/audit/log. */

const server: string = inject("postgresUrl") ?? process.env.KEYTURN_TEST_POSTGRES_URL ?? "";
const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
const url = Object.assign(new URL(server), { pathname: `/${name}` }).href;
const folder = mkdtempSync(join(tmpdir(), "keyturn-audit-"));
const dataDir = join(folder, "data");
const witness = join(folder, "witness");
const secret = () => randomBytes(32).toString("base64");
const auditKey = secret();
const env: Env = {
  KEYTURN_URL: "https://crm.company.example",
  DATABASE_URL: url,
  KEYTURN_DATA_DIR: dataDir,
  KEYTURN_DEMO: "0",
  NEXTAUTH_SECRET: secret(),
  KEYTURN_ENCRYPTION_KEYS: `k1:${secret()}`,
  KEYTURN_AUDIT_KEY: auditKey,
};
const signer = logSigner({ url: new URL(env.KEYTURN_URL ?? ""), auditKey: Buffer.from(auditKey, "base64") });

async function inDatabase(address: string, ...statements: string[]): Promise<void> {
  const client = new Client({ connectionString: address });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

/** As the running app does it in the background. */
async function sealed(): Promise<string> {
  const opened = await openDatabase({ url });
  const head = await sealRows(opened.database, signer).finally(() => opened.close());
  if (!head) throw new Error("nothing was sealed");
  return head.checkpoint;
}

describe("audit:verify and its like, on PostgreSQL", () => {
  beforeAll(async () => {
    await inDatabase(server, `create database ${name}`);
    expect((await runScript("migrate", env)).code).toBe(0);
    // Two rows by the app itself: links for two first administrators.
    for (const who of ["ada", "alan"])
      expect((await runScript("admin-create", env, `${who}@company.example`)).code).toBe(0);
  });
  afterAll(async () => {
    await inDatabase(server, `drop database ${name} with (force)`);
    rmSync(folder, { recursive: true, force: true });
  });

  it("says that the tail was not checked without a head from outside", async () => {
    await sealed();
    const { code, stdout } = await runScript("audit-verify", env);
    expect([code, stdout]).toEqual([0, expect.stringContaining("Tail not checked")]);
    expect(stdout).toContain("2 rows are sealed, 0 wait for it");
    expect(stdout).toContain(signer.vkey);
    expect(stdout.trimEnd().split("\n").at(-1)).toBe("The log is whole.");
  });

  it("compares with the data folder's head, the witness's, and those that are given", async () => {
    await runScript("admin-create", env, "ada@company.example");
    const checkpoint = await sealed();
    await keepHead(outsideHeadFile(dataDir, signer), checkpoint, signer);
    await addToFolder(witness, "2026-11-24", checkpoint, signer.vkey);
    writeFileSync(join(witness, "2026-11-25.checkpoint"), "");
    const given = join(folder, "given.txt");
    writeFileSync(given, checkpoint);
    const asked = await runScript(
      "audit-verify",
      { ...env, KEYTURN_AUDIT_WITNESS: witness },
      "--from",
      given,
    );
    expect(asked.code).toBe(0);
    for (const file of [`audit-head-${signer.keyId}.txt`, "2026-11-24.checkpoint", "given.txt"])
      expect(asked.stdout).toMatch(new RegExp(`Compared with the head in .*${file}`));
    expect(asked.stdout).not.toContain("Tail not checked");
    expect(asked.stdout).toMatch(/^Not compared with .*2026-11-25\.checkpoint: it is empty/m);
  });

  it("exports a log that is checked with its public key alone, in another folder, without secrets", async () => {
    const file = join(folder, "log.jsonl");
    const exported = await runScript("audit-export", env, file);
    expect([exported.code, exported.stdout]).toEqual([0, expect.stringContaining(signer.vkey)]);
    const nothing = { KEYTURN_DATA_DIR: join(folder, "elsewhere") };
    const check = (path: string, key = signer.vkey) =>
      runScript("audit-verify", nothing, "--export", path, "--key", key);
    const whole = await check(file);
    expect([whole.code, whole.stdout]).toEqual([0, expect.stringContaining("The log is whole.")]);

    const lines = readFileSync(file, "utf8").trimEnd().split("\n");
    const broken = join(folder, "broken.jsonl");
    const changes: Record<string, string[]> = {
      "cut off": lines.slice(0, -1),
      changed: lines.map((line, at) => (at === 1 ? line.replace("ada@", "eve@") : line)),
      "out of order": [lines[0] ?? "", lines[2] ?? "", lines[1] ?? "", ...lines.slice(3)],
    };
    for (const [what, content] of Object.entries(changes)) {
      writeFileSync(broken, content.join("\n"));
      const found = await check(broken);
      expect([found.code, found.stdout], what).toEqual([1, expect.stringContaining("BROKEN:")]);
    }
    writeFileSync(broken, "hello\n");
    expect(await check(broken)).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("not an exported log"),
    });
    expect(await check(file, "hello")).toMatchObject({ code: 1, stderr: expect.stringContaining("key") });
  });

  it("never writes over a file, and says what is missing", async () => {
    const file = join(folder, "log.jsonl");
    expect((await runScript("audit-export", env, file)).stderr).toContain("is there already");
    expect((await runScript("audit-export", env)).stderr).toContain("Give one file");
    expect((await runScript("audit-verify", env, "--export", file)).stderr).toContain("public key");
    expect((await runScript("audit-verify", env, "--from", "/nonexistent")).stderr).toContain(
      "cannot be read",
    );
    expect((await runScript("audit-erase", env, "C-1")).stderr).toContain("Give the reason");
    expect((await runScript("audit-erase", env, "C-1", "--reason", "Asked for by them")).stderr).toContain(
      "no customer with the number C-1",
    );
  });

  it("names the first row that does not fit, and ends with 1", async () => {
    await inDatabase(
      url,
      "alter table audit_events disable trigger user",
      "update audit_events set detail = jsonb_set(detail, '{email}', '\"eve@company.example\"') where seq = 2",
    );
    const { code, stdout } = await runScript("audit-verify", env);
    expect(code).toBe(1);
    expect(stdout).toMatch(/^BROKEN: row 2: it was changed after it was sealed$/m);
    expect(stdout).toContain("The log is NOT whole.");
  });
});
