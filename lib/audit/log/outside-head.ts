import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { openCheckpoint } from "./checkpoint";
import type { LogSigner } from "./log-key";

/**
 * The last signed head, in a file of the app's host: the database's owner can't make the log shorter unseen. Named after
 * the key, so that installations which share a folder keep out of each other's way.
 */
export function outsideHeadFile(dataDir: string, { keyId }: LogSigner): string {
  return join(dataDir, `audit-head-${keyId}.txt`);
}

/**
 * Keeps the newest head there, never in the place of a longer log's. Whether the one grew from the other is for the
 * sealer to see (grown-from.ts).
 */
export async function keepHead(file: string, checkpoint: string, signer: LogSigner): Promise<void> {
  const kept = await readHead(file);
  const size = (note: string) => openCheckpoint(note, signer.vkey).size;
  if (kept !== null && size(kept) > size(checkpoint)) {
    throw new Error(`${file} holds the head of a longer log than the database: run npm run audit:verify`);
  }
  await mkdir(join(file, ".."), { recursive: true, mode: 0o700 });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, checkpoint, { mode: 0o600, flush: true });
  await rename(draft, file);
}

/** null: nothing was kept there yet. */
export async function readHead(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return null;
    throw error;
  }
}
