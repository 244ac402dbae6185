import type { Database } from "@/db/client";
import { logFailure } from "@/lib/platform/log";
import { repeat } from "@/lib/platform/repeat";
import { openHead, requireGrownFrom } from "./grown-from";
import type { LogSigner } from "./log-key";
import { batchSize, sealRows } from "./seal-rows";
import { noteSealing } from "./sealing-fault";
import { readNewestHead } from "./tree";

export type Sealing = {
  database: Database;
  signer: LogSigner;
  /** The head that an earlier process kept there; null: none. */
  readOutside(): Promise<string | null>;
  /** Keeps the head where the database's owner can't reach it. */
  keepOutside(checkpoint: string): Promise<void>;
};

const everyMs = 1_000;
const longestMs = 30_000;

/**
 * Seals in the background until it is ended: no writer ever waits for it. While the database is away it asks less and
 * less often. Returns the end, which seals what is left.
 */
export function keepSealing(sealing: Sealing): () => Promise<void> {
  const sealer = new Sealer(sealing);
  const end = repeat(() => sealer.turn());
  return async () => {
    await end();
    await sealer.turn();
  };
}

class Sealer {
  private failures = 0;
  private kept = false;
  /** The newest head that this process signed or found good: what is stored has to have grown from it. */
  private known: string | null = null;
  private told = "";

  constructor(private readonly sealing: Sealing) {}

  /** One batch, and how long to wait for the next one. */
  async turn(): Promise<number> {
    const { database, signer } = this.sealing;
    try {
      const known = this.known ?? (await this.sealing.readOutside());
      const head = await sealRows(database, signer, known);
      if (head) {
        this.kept = false;
        this.known = head.checkpoint;
      }
      if (!this.kept) await this.keepNewest(this.known ?? known);
      this.failures = 0;
      noteSealing(null);
      return head?.sealed === batchSize ? 0 : everyMs;
    } catch (error) {
      this.failures += 1;
      noteSealing(error);
      this.tell(error);
      return Math.min(everyMs * 2 ** this.failures, longestMs);
    }
  }

  /**
   * Tried until it has worked, and again after a start: the last process may have ended in between, and the next row
   * may be hours away. A folder that can't be written stops no sealing.
   */
  private async keepNewest(known: string | null): Promise<void> {
    const { database, signer, keepOutside } = this.sealing;
    await requireGrownFrom(database, known, signer);
    const newest = await readNewestHead(database);
    if (!newest) return;
    openHead(newest.checkpoint, signer.vkey);
    this.known = newest.checkpoint;
    try {
      await keepOutside(newest.checkpoint);
      this.kept = true;
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
