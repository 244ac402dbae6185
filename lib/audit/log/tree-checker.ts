import { CheckpointError, openCheckpoint } from "./checkpoint";
import { CompactRange, hashLeaf } from "./merkle";

/** A signed head that the log has to fit, and what to call it. `storedSize`: what its table says that it is of. */
export type HeadToCheck = { name: string; checkpoint: string; storedSize?: number };

/**
 * Grows the tree anew from the rows themselves, and compares it at each head's size. Heads that are kept outside the
 * database find what its owner can do: rewrite everything, and make it shorter.
 */
export class TreeChecker {
  private readonly tree = CompactRange.empty();
  private readonly awaited = new Map<number, { name: string; root: Buffer }[]>();

  /** So many rows are under a signed head that fits. */
  private signed = 0;

  constructor(private readonly vkey: string) {}

  get size(): number {
    return this.tree.size;
  }

  /** Heads are given before the leaf that completes them. Answers what is wrong with the head itself. */
  await({ name, checkpoint, storedSize }: HeadToCheck): string | null {
    try {
      const { size, root } = openCheckpoint(checkpoint, this.vkey);
      if (storedSize !== undefined && storedSize !== size) return `${name} was signed for ${size} rows`;
      if (size < this.size) return `${name} is of ${size} rows, and came too late to be compared`;
      this.awaited.set(size, [...(this.awaited.get(size) ?? []), { name, root }]);
      return null;
    } catch (error) {
      if (error instanceof CheckpointError) return `${name} is not signed by this log: ${error.message}`;
      throw error;
    }
  }

  /** Adds a row's leaf; answers which heads don't fit the tree as it is now. */
  push(leaf: string): { hash: Buffer; faults: string[] } {
    const hash = hashLeaf(Buffer.from(leaf));
    this.tree.push(hash);
    const due = this.awaited.get(this.size) ?? [];
    this.awaited.delete(this.size);
    const wrong = due.filter(({ root }) => !root.equals(this.tree.root()));
    if (wrong.length < due.length) this.signed = this.size;
    return {
      hash,
      faults: wrong.map(({ name }) => `up to here the log is not the one that ${name} was signed for`),
    };
  }

  /** Rows at the end that no head vouches for. */
  faultOfTail(): string | null {
    return this.size > this.signed
      ? `no signed head covers what follows its first ${this.signed} rows`
      : null;
  }

  /** What is left when the log has ended: heads of a longer one. */
  end(): string[] {
    return [...this.awaited].flatMap(([size, heads]) =>
      heads
        .filter(({ root }) => size > 0 || !root.equals(this.tree.root()))
        .map(({ name }) => `${name} is of ${size} rows: the log was cut off at ${this.size}`),
    );
  }
}
