import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Client } from "pg";
import { afterAll, beforeAll, describe, expect, inject, it } from "vitest";
import { migrateFolder, migrateServer } from "@/db/migrate";
import { lockDataFolder } from "@/lib/platform/data-lock";
import { type Env, runScript } from "./lib/run-script";

/* The commands as the operator runs them. What they do is tested where it is done: lib/people. */

const lastLine = (text: string) => text.trimEnd().split("\n").at(-1);
const link = /^https:\/\/crm\.company\.example\/invitation#[\w-]{43}$/;

describe("admin:create and admin:recover on PostgreSQL", () => {
  const server: string = inject("postgresUrl") ?? process.env.KEYTURN_TEST_POSTGRES_URL ?? "";
  const name = `test_${crypto.randomUUID().replaceAll("-", "")}`;
  const url = new URL(server);
  url.pathname = `/${name}`;
  const secret = () => randomBytes(32).toString("base64");
  const env: Env = {
    KEYTURN_URL: "https://crm.company.example",
    DATABASE_URL: url.href,
    KEYTURN_DEMO: "0",
    NEXTAUTH_SECRET: secret(),
    KEYTURN_ENCRYPTION_KEYS: `k1:${secret()}`,
    KEYTURN_AUDIT_KEY: secret(),
  };
  const inDatabase = async <T>(address: string, work: (client: Client) => Promise<T>) => {
    const client = new Client({ connectionString: address });
    await client.connect();
    return work(client).finally(() => client.end());
  };
  beforeAll(() => inDatabase(server, (client) => client.query(`create database ${name}`)));
  afterAll(() => inDatabase(server, (client) => client.query(`drop database ${name} with (force)`)));

  it("say what to do where the database has no tables yet", async () => {
    const { code, stderr } = await runScript("admin-create", env, "ada@company.example");
    expect([code, stderr]).toEqual([1, "The database has no tables yet: run npm run db:migrate first."]);
  });

  it("print the link alone on the last line, beside others that use the database", async () => {
    await migrateServer(url.href, url.href);
    await inDatabase(url.href, async (client) => {
      await client.query("select count(*) from people");
      const { code, stdout, stderr } = await runScript("admin-create", env, "Ada@Company.Example");
      expect([code, stderr]).toEqual([0, ""]);
      expect(lastLine(stdout)).toMatch(link);
      const { rows } = await client.query("select data->>'email' as email from links");
      expect(rows).toEqual([{ email: "ada@company.example" }]);
    });
  });

  it("refuse in one sentence what they can't do", async () => {
    const asked = [
      ["admin-create"],
      ["admin-create", "ada"],
      ["admin-create", "ada@company.example", "alan@company.example"],
      ["admin-recover", "ada@company.example"],
      ["admin-recover", "--reason", "Lost phone and recovery codes"],
      ["admin-recover", "ada@company.example", "--because", "x"],
      ["admin-recover", "ada@company.example", "--reason", "Lost phone and recovery codes"],
    ];
    const answers = [];
    for (const [script = "", ...args] of asked) answers.push(await runScript(script, env, ...args));
    for (const { code, stdout, stderr } of answers) {
      expect([code, stdout]).toEqual([1, ""]);
      expect(stderr).not.toMatch(/\n|could not start/);
    }
    expect(answers.map(({ stderr }) => stderr)).toEqual([
      expect.stringContaining("Give one email address"),
      expect.stringContaining("ada is no email address"),
      expect.stringContaining("Give one email address"),
      expect.stringContaining("Give the reason"),
      expect.stringContaining("Give one email address"),
      expect.stringContaining("--because"),
      expect.stringContaining("There is no account of ada@company.example"),
    ]);
  });

  it("recover an administrator who is there", async () => {
    await inDatabase(url.href, (client) =>
      client.query(
        "insert into people (email, name, role, password_hash) values ('ada@company.example', 'Ada', 'administrator', 'x')",
      ),
    );
    const short = await runScript("admin-recover", env, "ada@company.example", "--reason", "lost");
    expect([short.code, short.stderr]).toEqual([1, expect.stringContaining("at least 10 characters")]);
    const { code, stdout } = await runScript(
      "admin-recover",
      env,
      "ada@company.example",
      "--reason",
      "Lost phone and recovery codes",
    );
    expect(code).toBe(0);
    expect(lastLine(stdout)).toMatch(link);
  });

  it("put a policy in force again that the host's operator names, and say what is wrong with what they typed", async () => {
    const why = ["--reason", "Nobody can confirm a sign-in any more"];
    const asked = [
      ["12", "--floor", ...why],
      ["--floor", "--reason", "no"],
      ["--flor", ...why],
      ["12", ...why],
    ];
    const answers = [];
    for (const args of asked) answers.push(await runScript("policy-restore", env, ...args));
    expect(answers.map(({ code, stdout }) => [code, stdout])).toEqual(asked.map(() => [1, ""]));
    expect(answers.map(({ stderr }) => stderr)).toEqual([
      expect.stringContaining("Give one version, or --floor"),
      expect.stringContaining("at least 10 characters"),
      expect.stringContaining("--flor"),
      "There is no version 12 of the policy.",
    ]);
    const { code, stdout } = await runScript("policy-restore", env, "--floor", ...why);
    expect([code, lastLine(stdout)]).toEqual([0, expect.stringMatching(/^Version 1 is in force/)]);
  });

  it("leave a log that audit:verify finds whole", async () => {
    const { code, stdout, stderr } = await runScript("audit-verify", env);
    expect([code, stderr]).toEqual([0, ""]);
    expect(lastLine(stdout)).toBe("The log is whole.");
  });

  it("insist on the address that the link is to lead to", async () => {
    const { KEYTURN_URL: _, ...without } = env;
    const { code, stderr } = await runScript("admin-create", without, "ada@company.example");
    expect([code, stderr]).toEqual([1, expect.stringContaining("KEYTURN_URL is missing")]);
  });
});

describe("admin:create on the embedded database", () => {
  const dataDir = mkdtempSync(join(tmpdir(), "keyturn-admin-"));
  const env = { KEYTURN_URL: "https://crm.company.example", KEYTURN_DATA_DIR: dataDir, KEYTURN_DEMO: "0" };
  beforeAll(() => migrateFolder(join(dataDir, "database")));
  afterAll(() => rmSync(dataDir, { recursive: true, force: true, maxRetries: 5 }));

  it("works while the app is stopped, and says so while it runs", async () => {
    const lock = lockDataFolder(dataDir);
    const beside = await runScript("admin-create", env, "ada@company.example");
    lock.release();
    expect([beside.code, beside.stderr]).toEqual([1, expect.stringContaining("Another Keyturn process")]);
    const alone = await runScript("admin-create", env, "ada@company.example");
    expect(alone.code).toBe(0);
    expect(lastLine(alone.stdout)).toMatch(link);
  });
});
