import { createHash } from "node:crypto";

/** Choices that a seed repeats. */
export class Random {
  private made = 0;

  constructor(readonly seed: number) {}

  /** From 0 to below 1. */
  next(): number {
    this.made += 1;
    return createHash("sha256").update(`${this.seed}:${this.made}`).digest().readUInt32BE(0) / 2 ** 32;
  }

  chance(share: number): boolean {
    return this.next() < share;
  }

  /** A whole number, both ends included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.next() * (most - least + 1));
  }

  pick<T>(list: readonly T[]): T {
    const one = list[this.between(0, list.length - 1)];
    if (one === undefined) throw new Error("there is nothing to pick from");
    return one;
  }

  shuffled<T>(list: readonly T[]): T[] {
    const rest = [...list];
    return list.map(() => rest.splice(this.between(0, rest.length - 1), 1)[0] as T);
  }
}
