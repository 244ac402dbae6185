import { setTimeout as pause } from "node:timers/promises";
import type { Database } from "@/db/client";
import { logFailure } from "@/lib/platform/log";
import type { LogSigner } from "./log-key";
import { batchSize, type SealedHead, sealRows } from "./seal-rows";

export type Sealing = {
  database: Database;
  signer: LogSigner;
  /** Keeps the head where the database's owner can't reach it. */
  keepOutside(head: SealedHead): Promise<void>;
};

const everyMs = 1_000;
const afterFailureMs = 10_000;

/** Seals in the background until it is ended: no writer ever waits for it. Returns the end. */
export function keepSealing(sealing: Sealing): () => Promise<void> {
  const ending = new AbortController();
  const running = loop(sealing, ending.signal);
  return async () => {
    ending.abort();
    await running;
    await turn(sealing);
  };
}

async function loop(sealing: Sealing, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const wait = await turn(sealing);
    await pause(wait, undefined, { signal, ref: false }).catch(() => {});
  }
}

/** One batch, and how long to wait for the next one. */
async function turn({ database, signer, keepOutside }: Sealing): Promise<number> {
  try {
    const head = await sealRows(database, signer);
    if (head) await keepOutside(head);
    return head?.sealed === batchSize ? 0 : everyMs;
  } catch (error) {
    logFailure("audit", "audit.seal", error);
    return afterFailureMs;
  }
}
