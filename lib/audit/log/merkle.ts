import { createHash } from "node:crypto";

/*
 * The Merkle tree of RFC 6962 § 2.1. Only complete subtrees are ever stored, and they never change; the ragged right
 * edge of a tree is computed from them when it is asked for.
 */

/** The complete subtree over the 2^level leaves from index · 2^level on. */
export type Coordinate = { level: number; index: number };
export type Subtree = Coordinate & { hash: Buffer };

export const emptyRoot = sha256();

/** The prefixes keep a node from being passed off as a leaf, and the other way round (RFC 6962 § 2.1). */
export function hashLeaf(data: Buffer): Buffer {
  return sha256(Buffer.of(0), data);
}

export function hashNode(left: Buffer, right: Buffer): Buffer {
  return sha256(Buffer.of(1), left, right);
}

/** A growing tree in O(log n) memory: it keeps the roots of its complete subtrees alone, the largest first. */
export class CompactRange {
  private constructor(
    private leaves: number,
    private readonly peaks: Subtree[],
  ) {}

  static empty(): CompactRange {
    return new CompactRange(0, []);
  }

  /** Goes on from a stored tree: `hashes` are those of `peaksOf(size)`, in its order. Throws RangeError. */
  static resume(size: number, hashes: readonly Buffer[]): CompactRange {
    const peaks = peaksOf(size);
    if (hashes.length !== peaks.length || hashes.some((hash) => hash.length !== 32)) {
      throw new RangeError(`a tree of ${size} leaves goes on from ${peaks.length} hashes of 32 bytes`);
    }
    return new CompactRange(
      size,
      peaks.map((peak, at) => ({ ...peak, hash: hashes[at] as Buffer })),
    );
  }

  get size(): number {
    return this.leaves;
  }

  /** Adds a leaf's hash. Answers the complete subtrees that it made, to be stored: the leaf itself, then upwards. */
  push(leafHash: Buffer): Subtree[] {
    if (leafHash.length !== 32) throw new RangeError("a leaf hash has 32 bytes");
    let top: Subtree = { level: 0, index: this.leaves, hash: leafHash };
    const completed = [top];
    for (let left = this.peaks.at(-1); left?.level === top.level; left = this.peaks.at(-1)) {
      this.peaks.pop();
      top = { level: top.level + 1, index: left.index / 2, hash: hashNode(left.hash, top.hash) };
      completed.push(top);
    }
    this.peaks.push(top);
    this.leaves += 1;
    return completed;
  }

  root(): Buffer {
    return this.leaves === 0 ? emptyRoot : bag(this.peaks.map(({ hash }) => hash));
  }
}

/** The complete subtrees that a tree of `size` leaves falls into, the largest (leftmost) first. */
export function peaksOf(size: number): Coordinate[] {
  assertSize(size);
  return coverOf(0, size);
}

/**
 * What the audit path of leaf `index` in a tree of `size` leaves (RFC 6962 § 2.1.1) is made of: for each of its
 * hashes, from the leaf up, the complete subtrees from left to right that it is computed from. Throws RangeError.
 */
export function planInclusion(index: number, size: number): Coordinate[][] {
  assertIndex(index, size);
  const path: Coordinate[][] = [];
  for (let start = 0, end = size; end - start > 1; ) {
    const middle = start + splitOf(end - start);
    const [own, other] =
      index < middle
        ? [
            [start, middle],
            [middle, end],
          ]
        : [
            [middle, end],
            [start, middle],
          ];
    path.unshift(coverOf(...(other as [number, number])));
    [start, end] = own as [number, number];
  }
  return path;
}

/**
 * The audit path of a leaf, from the leaf up. `read` gets all coordinates at once, so that a database answers them in
 * one query, and gives their hashes in the same order. Throws RangeError for a leaf beyond the tree.
 */
export async function inclusionProof(
  index: number,
  size: number,
  read: (coordinates: Coordinate[]) => Promise<Buffer[]>,
): Promise<Buffer[]> {
  const plan = planInclusion(index, size);
  const hashes = await read(plan.flat());
  if (hashes.length !== plan.flat().length) throw new Error("stored subtrees are missing");
  let at = 0;
  return plan.map((parts) => {
    at += parts.length;
    return bag(hashes.slice(at - parts.length, at));
  });
}

/** Whether `proof` leads from the leaf at `index` to `root` in a tree of `size` leaves (RFC 9162 § 2.1.3.2). */
export function verifyInclusion(
  leafHash: Buffer,
  index: number,
  size: number,
  proof: readonly Buffer[],
  root: Buffer,
): boolean {
  if (!isCount(size) || !isCount(index) || index >= size) return false;
  let [node, last, hash] = [index, size - 1, leafHash];
  for (const sibling of proof) {
    if (last === 0 || sibling.length !== 32) return false;
    if (node % 2 === 1 || node === last) {
      hash = hashNode(sibling, hash);
      // A node on the right edge without a sibling goes up as it is, until it is a right child.
      while (node % 2 === 0 && node !== 0) [node, last] = [node / 2, Math.floor(last / 2)];
    } else {
      hash = hashNode(hash, sibling);
    }
    [node, last] = [Math.floor(node / 2), Math.floor(last / 2)];
  }
  return last === 0 && hash.equals(root);
}

/** The largest power of two below `count`, for two leaves and more: where RFC 6962 parts a tree. */
function splitOf(count: number): number {
  let split = 1;
  // Multiplied, not shifted: a shift would end at 2^31.
  while (split * 2 < count) split *= 2;
  return split;
}

/** Complete subtrees over the leaves from `start` (a multiple of the widest of them) to before `end`. */
function coverOf(start: number, end: number): Coordinate[] {
  const cover: Coordinate[] = [];
  for (let from = start; from < end; ) {
    let level = 0;
    let width = 1;
    while (width * 2 <= end - from) [width, level] = [width * 2, level + 1];
    cover.push({ level, index: from / width });
    from += width;
  }
  return cover;
}

/** One hash over subtrees from left to right, each smaller than the one before. */
function bag(hashes: readonly Buffer[]): Buffer {
  return hashes.reduceRight((right, left) => hashNode(left, right));
}

function assertSize(size: number): void {
  if (!isCount(size)) throw new RangeError(`a tree has no ${size} leaves`);
}

function assertIndex(index: number, size: number): void {
  assertSize(size);
  if (!isCount(index) || index >= size) throw new RangeError(`a tree of ${size} has no leaf ${index}`);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function sha256(...parts: Buffer[]): Buffer {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(part);
  return hash.digest();
}
