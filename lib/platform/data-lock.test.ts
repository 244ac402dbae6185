import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { lockDataFolder } from "./data-lock";

let dataDir: string;
let children: ChildProcess[];
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "keyturn-lock-"));
  children = [];
});
afterEach(() => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(dataDir, { recursive: true, force: true });
});

/** Another process asks for the folder, says how it went, and stays until its input ends. */
const asker = `import { lockDataFolder } from "./lib/platform/data-lock.ts";
  process.stdin.on("end", () => process.exit(0)).resume();
  try { lockDataFolder(process.argv[1]); console.log("held"); }
  catch (error) { console.log(error.name + ": " + error.message); process.stdin.destroy(); }`;

async function another(): Promise<{ child: ChildProcess; answer: string }> {
  const child = spawn(process.execPath, ["--import", "tsx", "--input-type=module", "-e", asker, dataDir], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  children.push(child);
  const [answer] = await once(createInterface({ input: child.stdout! }), "line");
  return { child, answer };
}

describe("lockDataFolder", () => {
  it("refuses a second process in one sentence that names the first", async () => {
    const first = await another();
    expect(first.answer).toBe("held");
    const second = await another();
    expect(second.answer).toBe(
      `DataFolderInUseError: Another Keyturn process (pid ${first.child.pid}) is using ${dataDir}; ` +
        "stop it, or set KEYTURN_DATA_DIR to another folder.",
    );
    expect(() => lockDataFolder(dataDir)).toThrow(/Another Keyturn process/);
  });

  it("is given back when the process ends", async () => {
    const { child } = await another();
    child.stdin!.end();
    await once(child, "exit");
    expect(readdirSync(join(dataDir, "locks"))).toEqual([]);
    lockDataFolder(dataDir).release();
  });

  it("is taken over from a killed process, which could not give it back", async () => {
    const { child } = await another();
    child.kill("SIGKILL");
    await once(child, "exit");
    expect(readdirSync(join(dataDir, "locks"))).not.toEqual([]);
    lockDataFolder(dataDir).release();
    expect(readdirSync(join(dataDir, "locks"))).toEqual([]);
  });

  it("is not held by a process that got a dead owner's number", () => {
    lockDataFolder(dataDir).release();
    const past = `${process.ppid}-1-0123456789abcdef`;
    writeFileSync(join(dataDir, "locks", `${past}.asking`), "");
    writeFileSync(join(dataDir, "locks", `${past}.held`), "");
    if (process.platform === "win32") return;
    lockDataFolder(dataDir).release();
  });

  it("is the same lock when the same process asks again", () => {
    const lock = lockDataFolder(dataDir);
    expect(lockDataFolder(dataDir)).toBe(lock);
    lock.release();
  });

  it("goes to exactly one of several that start together, also over a dead owner's claim", async () => {
    const { child } = await another();
    child.kill("SIGKILL");
    await once(child, "exit");
    const answers = (await Promise.all(Array.from({ length: 6 }, another))).map(({ answer }) => answer);
    expect(answers.filter((answer) => answer === "held")).toHaveLength(1);
    expect(answers.filter((answer) => answer.startsWith("DataFolderInUseError"))).toHaveLength(5);
  });
});
