import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";

/** Who keeps a day's head: a folder that the app can add to, or somebody with a mailbox. */
export type Witness = { kind: "folder"; path: string } | { kind: "mail"; address: string };

/** KEYTURN_AUDIT_WITNESS: what reads as an address is one. */
export function witnessOf(setting: string | undefined): Witness | null {
  if (!setting) return null;
  const address = z.email().safeParse(setting);
  return address.success ? { kind: "mail", address: address.data } : { kind: "folder", path: setting };
}

/** Never written over: the folder may be one that only takes new files. `day`: YYYY-MM-DD. */
export async function addToFolder(path: string, day: string, checkpoint: string): Promise<void> {
  await mkdir(path, { recursive: true });
  try {
    await writeFile(join(path, `${day}.checkpoint`), checkpoint, { flag: "wx" });
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
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
