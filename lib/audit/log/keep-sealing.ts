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
const longestMs = 30_000;

/**
 * Seals in the background until it is ended: no writer ever waits for it. While the database is away it asks less and
 * less often. Returns the end, which seals what is left.
 */
export function keepSealing(sealing: Sealing): () => Promise<void> {
  const ending = new AbortController();
  const loop = new Loop(sealing);
  const running = loop.run(ending.signal);
  return async () => {
    ending.abort();
    await running;
    await loop.turn();
  };
}

class Loop {
  private failures = 0;
  private told = "";

  constructor(private readonly sealing: Sealing) {}

  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const wait = await this.turn();
      await pause(wait, undefined, { signal, ref: false }).catch(() => {});
    }
  }

  /** One batch, and how long to wait for the next one. */
  async turn(): Promise<number> {
    try {
      const head = await sealRows(this.sealing.database, this.sealing.signer);
      this.failures = 0;
      if (!head) return everyMs;
      await this.keepOutside(head);
      return head.sealed === batchSize ? 0 : everyMs;
    } catch (error) {
      this.failures += 1;
      this.tell(error);
      return Math.min(everyMs * 2 ** this.failures, longestMs);
    }
  }

  /** A folder that can't be written stops no sealing: the next head is kept in place of this one. */
  private async keepOutside(head: SealedHead): Promise<void> {
    try {
      await this.sealing.keepOutside(head);
      this.told = "";
    } catch (error) {
      this.tell(error);
    }
  }

  /** Once, not every second. */
  private tell(error: unknown): void {
    const words = error instanceof Error ? error.message : String(error);
    if (words !== this.told) logFailure("audit", "audit.seal", error);
    this.told = words;
  }
}
