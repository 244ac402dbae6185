import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { signCheckpoint } from "./checkpoint";
import { logSigner } from "./log-key";
import { emptyRoot } from "./merkle";
import { keepHead, outsideHeadFile, readHead } from "./outside-head";
import { addToFolder, headsInFolder, witnessOf } from "./witness";

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
    await addToFolder(path, "2026-11-24", "first");
    await addToFolder(path, "2026-11-24", "second");
    await addToFolder(path, "2026-11-25", "third");
    expect((await headsInFolder(path)).map(({ checkpoint }) => checkpoint)).toEqual(["first", "third"]);
  });
});

describe("the head in the data folder", () => {
  const signer = logSigner({ url: new URL("https://crm.example.com"), auditKey: Buffer.alloc(32, 3) });
  const headOf = (size: number) =>
    signCheckpoint({ origin: signer.origin, size, root: emptyRoot }, signer.key);

  it("is the newest, and a shorter log's never takes its place", async () => {
    const file = outsideHeadFile(join(folder, "data"), signer);
    expect(await readHead(file)).toBeNull();
    await keepHead(file, headOf(5), signer);
    await keepHead(file, headOf(7), signer);
    await expect(keepHead(file, headOf(6), signer)).rejects.toThrow("longer log");
    expect(readFileSync(file, "utf8")).toBe(headOf(7));
  });
});
