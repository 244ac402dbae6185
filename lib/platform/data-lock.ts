import { execFileSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/*
 * PGlite has no lock of its own, and two writers of one folder lose data in silence.
 *
 * Every process first puts down a claim under a name that nobody else ever uses (process id, start time, random),
 * and only then looks at the others' claims. Of two that start together at least one sees the other, so never both
 * go on; a claim of a dead process can be removed by anyone at any time, because its name does not come again. That
 * is what a single lock file cannot give: there, "it is stale, remove it" may remove the next owner's.
 *
 * It sees processes of this machine. Containers that share a volume don't see one another: give each its own, or
 * use PostgreSQL.
 */

export class DataFolderInUseError extends Error {
  override name = "DataFolderInUseError";
}

export type DataLock = { release(): void };

type Claim = { name: string; pid: number; startedAt: string; state: "asking" | "held" };

declare global {
  var keyturnDataLocks: Map<string, DataLock> | undefined;
}

/** Takes the data folder for this process until it ends. Throws `DataFolderInUseError` when another one has it. */
export function lockDataFolder(dataDir: string): DataLock {
  globalThis.keyturnDataLocks ??= new Map();
  const mine = globalThis.keyturnDataLocks.get(dataDir) ?? take(dataDir);
  globalThis.keyturnDataLocks.set(dataDir, mine);
  return mine;
}

function take(dataDir: string): DataLock {
  const folder = join(dataDir, "locks");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  for (let attempt = 1; ; attempt += 1) {
    const claim = `${process.pid}-${startTime(process.pid) ?? "unknown"}-${randomBytes(8).toString("hex")}`;
    writeFileSync(join(folder, `${claim}.asking`), "");
    const others = liveClaims(folder).filter((other) => other.name !== claim);
    const [first] = others;
    if (!first) return hold(dataDir, join(folder, claim));
    rmSync(join(folder, `${claim}.asking`), { force: true });
    // Another one is asking, too: both step back for a random while, and the quicker one wins.
    const holder = others.find(({ state }) => state === "held");
    if (holder || attempt === 20) throw inUse(dataDir, (holder ?? first).pid);
    pause(10 + Math.random() * 40 * attempt);
  }
}

/** The claim stays under its first name: a reader of the folder may miss a file that is being renamed. */
function hold(dataDir: string, claim: string): DataLock {
  writeFileSync(`${claim}.held`, "");
  const release = () => {
    rmSync(`${claim}.held`, { force: true });
    rmSync(`${claim}.asking`, { force: true });
    globalThis.keyturnDataLocks?.delete(dataDir);
    process.off("exit", release);
  };
  process.on("exit", release);
  return { release };
}

function liveClaims(folder: string): Claim[] {
  const claims = readdirSync(folder)
    .map(readClaim)
    .filter((claim) => claim !== undefined);
  return claims.filter((claim) => {
    if (isAlive(claim)) return true;
    rmSync(/* turbopackIgnore: true */ join(folder, `${claim.name}.${claim.state}`), { force: true });
    return false;
  });
}

function readClaim(file: string): Claim | undefined {
  const [, name, pid, startedAt, state] = /^((\d+)-(\w+)-[0-9a-f]{16})\.(asking|held)$/.exec(file) ?? [];
  if (!name || !startedAt) return undefined;
  return { name, pid: Number(pid), startedAt, state: state as Claim["state"] };
}

function isAlive({ pid, startedAt }: Claim): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    // EPERM: it is there, as another user.
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const started = startTime(pid);
  // Where the system doesn't tell, rather refuse a start than lose data.
  return started === undefined || startedAt === "unknown" || started === startedAt;
}

/** When a process began: the system gives the number of a dead one to another, and that one holds no lock. */
function startTime(pid: number): string | undefined {
  try {
    if (process.platform === "linux") return linuxStartTime(readFileSync(`/proc/${pid}/stat`, "utf8"));
    if (process.platform === "win32") return undefined;
    return (
      execFileSync("ps", ["-o", "lstart=", "-p", `${pid}`], { encoding: "utf8" }).replace(/\W+/g, "") ||
      undefined
    );
  } catch {
    return undefined;
  }
}

function linuxStartTime(stat: string): string | undefined {
  // The name in parentheses may hold spaces and parentheses itself; state and start time stand behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  // A killed process that its parent has not asked for yet (Z) holds nothing any more.
  return fields[0] === "Z" || fields[0] === "X" ? "ended" : fields[19];
}

function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}

function inUse(dataDir: string, pid: number): DataFolderInUseError {
  return new DataFolderInUseError(
    `Another Keyturn process (pid ${pid}) is using ${dataDir}; stop it, or set KEYTURN_DATA_DIR to another folder.`,
  );
}
