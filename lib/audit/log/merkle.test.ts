import { createHash, randomBytes } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  CompactRange,
  type Coordinate,
  emptyRoot,
  hashLeaf,
  inclusionProof,
  peaksOf,
  planInclusion,
  verifyInclusion,
} from "./merkle";

/* MTH and PATH as RFC 6962 § 2.1 and § 2.1.1 define them, by recursion over the leaves' data; no code is shared. */
const sha256 = (...parts: (Buffer | string)[]) =>
  parts.reduce((hash, part) => hash.update(part), createHash("sha256")).digest();

function mth(data: Buffer[]): Buffer {
  if (data.length === 0) return sha256("");
  if (data.length === 1) return sha256("\u0000", data[0]!);
  const k = 2 ** Math.ceil(Math.log2(data.length) - 1);
  return sha256("\u0001", mth(data.slice(0, k)), mth(data.slice(k)));
}

function path(m: number, data: Buffer[]): Buffer[] {
  if (data.length === 1) return [];
  const k = 2 ** Math.ceil(Math.log2(data.length) - 1);
  return m < k
    ? [...path(m, data.slice(0, k)), mth(data.slice(k))]
    : [...path(m - k, data.slice(k)), mth(data.slice(0, k))];
}

const leavesOf = (count: number) => Array.from({ length: count }, (_, at) => Buffer.from(`leaf ${at}`));

/** A tree and what a database would hold of it. */
function grow(data: Buffer[], range = CompactRange.empty(), stored = new Map<string, Buffer>()) {
  for (const leaf of data) {
    for (const { level, index, hash } of range.push(hashLeaf(leaf))) {
      expect(stored.has(`${level}/${index}`), "a subtree is completed once").toBe(false);
      stored.set(`${level}/${index}`, hash);
    }
  }
  const read = async (coordinates: Coordinate[]) =>
    coordinates.map(({ level, index }) => stored.get(`${level}/${index}`)!);
  return { range, stored, read };
}

const most = 70;

describe("the tree of RFC 6962", () => {
  it("is empty as SHA-256 of nothing, and one leaf is its hash", () => {
    const empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    expect(emptyRoot.toString("hex")).toBe(empty);
    expect(CompactRange.empty().root().toString("hex")).toBe(empty);
    // SHA-256 of the single byte 0x00: the leaf without data.
    expect(hashLeaf(Buffer.alloc(0)).toString("hex")).toBe(
      "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    );
  });

  it("has the root that the recursive definition gives, at every size", () => {
    const { range } = grow([]);
    for (const [at, leaf] of leavesOf(most).entries()) {
      expect(range.size).toBe(at);
      expect(range.root()).toEqual(mth(leavesOf(at)));
      range.push(hashLeaf(leaf));
    }
  });

  it("stores each complete subtree with its own hash, and no other", () => {
    const data = leavesOf(most);
    const { stored } = grow(data);
    let expected = 0;
    for (let level = 0; 2 ** level <= most; level += 1) {
      for (let index = 0; (index + 1) * 2 ** level <= most; index += 1) {
        expected += 1;
        expect(stored.get(`${level}/${index}`)).toEqual(
          mth(data.slice(index * 2 ** level, (index + 1) * 2 ** level)),
        );
      }
    }
    expect(stored.size).toBe(expected);
  });

  it("goes on from what was stored, at every size", async () => {
    const data = leavesOf(most);
    for (let size = 0; size <= most; size += 1) {
      const { stored, read } = grow(data.slice(0, size));
      const { range } = grow(data.slice(size), CompactRange.resume(size, await read(peaksOf(size))), stored);
      expect(range.size).toBe(most);
      expect(range.root()).toEqual(mth(data));
    }
  });

  it.each([
    [3, [randomBytes(32)]],
    [2, [randomBytes(31)]],
    [0, [randomBytes(32)]],
    [-1, []],
    [1.5, [randomBytes(32)]],
  ])("does not go on from %d leaves with other hashes", (size, hashes) => {
    expect(() => CompactRange.resume(size, hashes)).toThrow(RangeError);
  });

  it("takes hashes alone for leaves", () => {
    expect(() => CompactRange.empty().push(Buffer.from("short"))).toThrow(RangeError);
  });
});

describe("a proof that a leaf is in the tree", () => {
  it("is the path of the recursive definition, for every leaf of every size, and verifies", async () => {
    for (let size = 1; size <= most; size += 1) {
      const data = leavesOf(size);
      const { read, range } = grow(data);
      for (const [index, leaf] of data.entries()) {
        const proof = await inclusionProof(index, size, read);
        expect(proof).toEqual(path(index, data));
        expect(verifyInclusion(hashLeaf(leaf), index, size, proof, range.root())).toBe(true);
      }
    }
  });

  it("of an older head is made from the grown tree's store", async () => {
    const data = leavesOf(most);
    const { read } = grow(data);
    for (let size = 1; size <= most; size += 1) {
      expect(await inclusionProof(size >> 1, size, read)).toEqual(path(size >> 1, data.slice(0, size)));
    }
  });

  it("reads once, and what it names is complete", async () => {
    const { read } = grow(leavesOf(most));
    let reads = 0;
    await inclusionProof(3, most, (coordinates) => {
      reads += 1;
      for (const { level, index } of coordinates) expect((index + 1) * 2 ** level).toBeLessThanOrEqual(most);
      return read(coordinates);
    });
    expect(reads).toBe(1);
  });

  it("needs little of a huge tree, beyond 32 bits too", () => {
    const size = 2 ** 52 - 1;
    const plan = planInclusion(size - 1, size);
    expect(plan.length).toBe(51);
    expect(plan.flat().every(({ level, index }) => (index + 1) * 2 ** level <= size)).toBe(true);
  });

  it.each([
    [0, 0],
    [5, 5],
    [-1, 5],
    [0.5, 5],
    [0, -1],
    [0, Number.NaN],
  ])("is not planned for leaf %d of %d", (index, size) => {
    expect(() => planInclusion(index, size)).toThrow(RangeError);
  });

  it("is not made of missing subtrees", async () => {
    await expect(inclusionProof(1, 3, async () => [])).rejects.toThrow("missing");
  });

  it("agrees with the definition for any data", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.uint8Array({ maxLength: 8 }), { minLength: 1, maxLength: 400 }),
        fc.nat(),
        async (items, pick) => {
          const data = items.map((item) => Buffer.from(item));
          const index = pick % data.length;
          const { read, range } = grow(data);
          expect(range.root()).toEqual(mth(data));
          const proof = await inclusionProof(index, data.length, read);
          expect(proof).toEqual(path(index, data));
          expect(verifyInclusion(hashLeaf(data[index]!), index, data.length, proof, range.root())).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe("what was tampered with is refused:", () => {
  const sizes = [1, 2, 3, 5, 8, 13, 21, 64, 70];
  const flip = (hash: Buffer) => Buffer.from(hash.map((byte, at) => (at === 7 ? byte ^ 1 : byte)));

  async function eachProof(
    check: (of: { leaf: Buffer; index: number; size: number; proof: Buffer[]; root: Buffer }) => void,
  ) {
    for (const size of sizes) {
      const { read, range } = grow(leavesOf(size));
      for (const [index, data] of leavesOf(size).entries()) {
        const proof = await inclusionProof(index, size, read);
        check({ leaf: hashLeaf(data), index, size, proof, root: range.root() });
      }
    }
  }

  it("the leaf, the root, each hash of the path", () =>
    eachProof(({ leaf, index, size, proof, root }) => {
      expect(verifyInclusion(flip(leaf), index, size, proof, root)).toBe(false);
      expect(verifyInclusion(leaf, index, size, proof, flip(root))).toBe(false);
      for (const at of proof.keys()) {
        expect(verifyInclusion(leaf, index, size, proof.with(at, flip(proof[at]!)), root)).toBe(false);
      }
    }));

  it("a path that is longer or shorter", () =>
    eachProof(({ leaf, index, size, proof, root }) => {
      expect(verifyInclusion(leaf, index, size, [...proof, root], root)).toBe(false);
      expect(verifyInclusion(leaf, index, size, [root, ...proof], root)).toBe(false);
      if (proof.length === 0) return;
      expect(verifyInclusion(leaf, index, size, proof.slice(1), root)).toBe(false);
      expect(verifyInclusion(leaf, index, size, proof.slice(0, -1), root)).toBe(false);
    }));

  it("every other index", () =>
    eachProof(({ leaf, index, size, proof, root }) => {
      for (let other = -1; other <= size; other += 1) {
        if (other !== index) expect(verifyInclusion(leaf, other, size, proof, root)).toBe(false);
      }
      expect(verifyInclusion(leaf, index + 0.5, size, proof, root)).toBe(false);
      expect(verifyInclusion(leaf, Number.NaN, size, proof, root)).toBe(false);
    }));

  it("a size without that leaf, or with a path of another length", () =>
    eachProof(({ leaf, index, size, proof, root }) => {
      for (let other = -1; other <= 2 * size + 2; other += 1) {
        const possible = other > index && planInclusion(index, other).length === proof.length;
        if (!possible) expect(verifyInclusion(leaf, index, other, proof, root)).toBe(false);
      }
    }));

  it("a node passed off as a leaf", async () => {
    const { read, range, stored } = grow(leavesOf(8));
    const proof = await inclusionProof(2, 8, read);
    const inner = Buffer.concat([stored.get("0/2")!, stored.get("0/3")!]);
    expect(verifyInclusion(stored.get("1/1")!, 1, 4, proof.slice(1), range.root())).toBe(true);
    expect(verifyInclusion(hashLeaf(inner), 1, 4, proof.slice(1), range.root())).toBe(false);
  });
});
