import { execFileSync, spawnSync } from "node:child_process";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { currentCode, demoSeedOf, demoSeeds } from "./demo-seeds";
import { matchStep } from "./steps";

const root = fileURLToPath(new URL("../../../..", import.meta.url));
const script = ["node_modules/tsx/dist/cli.mjs", "scripts/demo-code.ts"];

describe("demo accounts' codes", () => {
  it("come from seeds that differ", () => {
    expect(Object.keys(demoSeeds)).toEqual(
      ["theo", "maya", "ada", "alan", "nora"].map((name) => `${name}@keyturn.example`),
    );
    expect(new Set(Object.values(demoSeeds)).size).toBe(5);
    for (const seed of Object.values(demoSeeds)) expect(seed).toMatch(/^[A-Z2-7]{32}$/);
  });

  it("are the ones that the server accepts, with the seconds they are shown for", async () => {
    const now = new Date("2026-11-24T12:00:07.900Z");
    const { code, secondsLeft } = await currentCode(demoSeeds["theo@keyturn.example"]!, now);
    expect(await matchStep(demoSeeds["theo@keyturn.example"]!, code, now)).toBe(
      Math.floor(now.getTime() / 30_000),
    );
    expect(secondsLeft).toBe(23);
  });

  it("are found by the address in any case, and for nobody else", () => {
    expect(demoSeedOf(" Theo@Keyturn.example ")).toBe(demoSeeds["theo@keyturn.example"]);
    for (const other of ["", "erin@keyturn.example", "constructor", "__proto__"])
      expect(demoSeedOf(other)).toBeNull();
  });
});

describe("npm run demo:code", () => {
  it("prints six digits and nothing else", async () => {
    const before = new Date();
    const printed = execFileSync(process.execPath, [...script, "maya@keyturn.example"], {
      cwd: root,
      encoding: "utf8",
    });
    expect(printed).toMatch(/^\d{6}\n$/);
    expect(await matchStep(demoSeeds["maya@keyturn.example"]!, printed.trim(), before)).not.toBeNull();
  });

  it.each([["nobody@keyturn.example"], []])("says one sentence and fails for %j", (...email) => {
    const { status, stdout, stderr } = spawnSync(process.execPath, [...script, ...email], {
      cwd: root,
      encoding: "utf8",
    });
    expect(status).toBe(1);
    expect(stdout).toBe("");
    expect(stderr.trim()).toMatch(/^[^\n]+: the accounts are .*nora@keyturn\.example\.$/);
  });
});
