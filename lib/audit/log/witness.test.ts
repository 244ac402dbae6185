import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { signCheckpoint } from "./checkpoint";
import { logSigner } from "./log-key";
import { emptyRoot } from "./merkle";
import { keepHead, outsideHeadFile, readHead } from "./outside-head";
import { addToFolder, headsInFolder, isCutOff, witnessOf } from "./witness";

const signer = logSigner({ url: new URL("https://crm.example.com"), auditKey: Buffer.alloc(32, 3) });
const headOf = (size: number) => signCheckpoint({ origin: signer.origin, size, root: emptyRoot }, signer.key);
const contentsOf = async (path: string) => (await headsInFolder(path)).map(({ checkpoint }) => checkpoint);

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "keyturn-witness-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("the witness", () => {
  it.each([
    ["auditor@company.example", { kind: "mail", address: "auditor@company.example" }],
    ["/mnt/worm/keyturn", { kind: "folder", path: "/mnt/worm/keyturn" }],
    [undefined, null],
  ])("of %j is %j", (setting, witness) => expect(witnessOf(setting)).toEqual(witness));

  it("in a folder keeps the first head of a day, and never writes over it", async () => {
    const path = join(folder, "new", "folder");
    for (const [day, size] of [
      ["2026-11-24", 1],
      ["2026-11-24", 2],
      ["2026-11-25", 3],
    ] as const)
      await addToFolder(path, day, headOf(size), signer.vkey);
    expect(await contentsOf(path)).toEqual([headOf(1), headOf(3)]);
  });

  it.each(["", headOf(1).slice(0, -3)])(
    "in a folder keeps the head beside a file that broke off: %j",
    async (broken) => {
      const told = vi.spyOn(console, "error").mockImplementation(() => {});
      writeFileSync(join(folder, "2026-11-24.checkpoint"), broken);
      for (let turn = 0; turn < 2; turn++) await addToFolder(folder, "2026-11-24", headOf(1), signer.vkey);
      expect(readFileSync(join(folder, "2026-11-24.checkpoint"), "utf8")).toBe(broken);
      expect(readFileSync(join(folder, "2026-11-24.2.checkpoint"), "utf8")).toBe(headOf(1));
      expect(await headsInFolder(folder)).toHaveLength(2);
      expect(told).toHaveBeenCalledExactlyOnceWith(expect.stringContaining("2026-11-24.2.checkpoint"));
      expect([isCutOff(broken, signer.vkey), isCutOff(headOf(1), signer.vkey)]).toEqual([true, false]);
      told.mockRestore();
    },
  );

  it("in a folder gives up after a few files that broke off", async () => {
    for (const at of ["", ".2", ".3", ".4", ".5", ".6", ".7", ".8", ".9"])
      writeFileSync(join(folder, `2026-11-24${at}.checkpoint`), "");
    await expect(addToFolder(folder, "2026-11-24", headOf(1), signer.vkey)).rejects.toThrow("no whole head");
  });
});

describe("the head in the data folder", () => {
  it("is the newest, and a shorter log's never takes its place", async () => {
    const file = outsideHeadFile(join(folder, "data"), signer);
    expect(await readHead(file)).toBeNull();
    await keepHead(file, headOf(5), signer);
    await keepHead(file, headOf(7), signer);
    await expect(keepHead(file, headOf(6), signer)).rejects.toThrow("longer log");
    expect(readFileSync(file, "utf8")).toBe(headOf(7));
  });
});
