import type { Reader } from "@/db/client";
import { CheckpointError, openCheckpoint, type TreeHead } from "./checkpoint";
import type { LogSigner } from "./log-key";
import { SealingStopped } from "./sealing-fault";
import { MissingHash, readNewestHead, rootAt } from "./tree";

/**
 * Refuses a stored log that did not grow from a head that is kept elsewhere: tables that were restored would be signed
 * as a fork of what was signed before, and its head would take the place of the only one that shows it (threats.md 28).
 */
export async function requireGrownFrom(
  read: Reader,
  kept: string | null,
  { vkey }: Pick<LogSigner, "vkey">,
): Promise<void> {
  if (kept === null) return;
  const { size, root } = openHead(kept, vkey);
  const newest = await readNewestHead(read);
  if (!newest || newest.size < size || !(await storedRoot(read, size))?.equals(root))
    throw new SealingStopped("other-log");
}

/** A head of this log. Throws SealingStopped. */
export function openHead(checkpoint: string, vkey: string): TreeHead {
  try {
    return openCheckpoint(checkpoint, vkey);
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    const isAnothers = error.fault === "unknown-key" || error.fault === "other-log";
    throw new SealingStopped(isAnothers ? "other-key" : "other-log");
  }
}

async function storedRoot(read: Reader, size: number): Promise<Buffer | null> {
  try {
    return await rootAt(read, size);
  } catch (error) {
    if (error instanceof MissingHash) return null;
    throw error;
  }
}
