import { mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { logFailure } from "@/lib/platform/log";
import { CheckpointError, openCheckpoint } from "./checkpoint";

/** Who keeps a day's head: a folder that the app can add to, or somebody with a mailbox. */
export type Witness = { kind: "folder"; path: string } | { kind: "mail"; address: string };

/** KEYTURN_AUDIT_WITNESS: what reads as an address is one. */
export function witnessOf(setting: string | undefined): Witness | null {
  if (!setting) return null;
  const address = z.email().safeParse(setting);
  return address.success ? { kind: "mail", address: address.data } : { kind: "folder", path: setting };
}

/** Tried for a day: a folder that is full for hours must not fill with what it couldn't take. */
const mostFiles = 9;

/**
 * Never written over: the folder may be one that only takes new files. What a full disk or a crash left broken has the
 * head beside it, under the next name. `day`: YYYY-MM-DD.
 */
export async function addToFolder(
  path: string,
  day: string,
  checkpoint: string,
  vkey: string,
): Promise<void> {
  await mkdir(path, { recursive: true });
  for (let at = 1; at <= mostFiles; at++) {
    const file = join(path, at === 1 ? `${day}.checkpoint` : `${day}.${at}.checkpoint`);
    if (await addFile(file, checkpoint)) {
      if (at > 1)
        logFailure("audit", "audit.seal", new Error(`${file} keeps the head: the one before is broken`));
      return;
    }
    // Where nothing can be read, what is there counts.
    const there = await readFile(file, "utf8").catch(() => null);
    if (there === null || faultOf(there, vkey) === null) return;
  }
  throw new Error(`${path} holds no whole head of ${day}, and ${mostFiles} files that should be one`);
}

/** false: there is such a file. What could not be written whole is taken away again, where that is allowed. */
async function addFile(file: string, content: string): Promise<boolean> {
  try {
    await writeFile(file, content, { flag: "wx", flush: true });
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    await rm(file, { force: true }).catch(() => {});
    throw error;
  }
}

/** Empty or cut off, as a full disk leaves a file: no head, and no sign of another log either. */
export function isCutOff(checkpoint: string, vkey: string): boolean {
  return faultOf(checkpoint, vkey) === "malformed";
}

function faultOf(checkpoint: string, vkey: string): CheckpointError["fault"] | null {
  try {
    openCheckpoint(checkpoint, vkey);
    return null;
  } catch (error) {
    if (error instanceof CheckpointError) return error.fault;
    throw error;
  }
}

/** All heads that a folder was given, by their files' names. */
export async function headsInFolder(path: string): Promise<{ name: string; checkpoint: string }[]> {
  const names = (await readdir(path)).filter((name) => name.endsWith(".checkpoint")).sort();
  return Promise.all(
    names.map(async (name) => ({
      name: join(path, name),
      checkpoint: await readFile(join(path, name), "utf8"),
    })),
  );
}
