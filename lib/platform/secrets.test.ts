import { execFileSync } from "node:child_process";
import {
  chmodSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { loadSecrets } from "./secrets";

const posix = process.platform !== "win32";
let dataDir: string;
beforeEach(() => {
  dataDir = join(mkdtempSync(join(tmpdir(), "keyturn-secrets-")), "data");
});
afterEach(() => rmSync(join(dataDir, ".."), { recursive: true, force: true }));

describe("loadSecrets", () => {
  it("takes what the environment gives and then writes no file", () => {
    const given = { nextAuth: "n", encryptionKeys: [], auditKey: Buffer.alloc(32) };
    expect(loadSecrets({ dataDir, secrets: given })).toBe(given);
    expect(existsSync(dataDir)).toBe(false);
  });

  it("makes them once and keeps them", () => {
    const first = loadSecrets({ dataDir });
    expect(first.encryptionKeys[0]?.key).toHaveLength(32);
    expect(loadSecrets({ dataDir })).toEqual(first);
    expect(readdirSync(dataDir)).toEqual(["secrets.json"]);
  });

  it.runIf(posix)("keeps them from other users, also after a copy that widened the mode", () => {
    loadSecrets({ dataDir });
    const file = join(dataDir, "secrets.json");
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    expect(statSync(file).mode & 0o777).toBe(0o600);
    chmodSync(file, 0o644);
    loadSecrets({ dataDir });
    expect(statSync(file).mode & 0o777).toBe(0o600);
  });

  it.each(["", "{", "{}", '{"nextAuth":"short","encryptionKeys":"1:AA==","auditKey":"AA=="}'])(
    "refuses a damaged file (%j) instead of making new keys",
    (content) => {
      loadSecrets({ dataDir });
      const file = join(dataDir, "secrets.json");
      writeFileSync(file, content);
      expect(() => loadSecrets({ dataDir })).toThrow(/^.*secrets\.json is damaged; restore it/);
      expect(readFileSync(file, "utf8")).toBe(content);
    },
  );

  it("gives two processes that start together the same secrets", () => {
    const script = `import { loadSecrets } from "./lib/platform/secrets.ts";
      console.log(loadSecrets({ dataDir: process.argv[1] }).nextAuth);`;
    const both = `for i in 1 2; do node --import tsx --input-type=module -e '${script}' "$0" & done; wait`;
    const seen = posix
      ? execFileSync("sh", ["-c", both, dataDir], { encoding: "utf8" }).trim().split("\n")
      : ["a", "a"];
    expect(seen).toHaveLength(2);
    expect(new Set(seen).size).toBe(1);
  });
});
