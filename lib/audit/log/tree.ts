import { and, desc, eq, or } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { auditHeads, auditLeaves, auditNodes } from "@/db/schema/audit";
import { CompactRange, type Coordinate, peaksOf } from "./merkle";

/** The stored tree, ready to grow. Throws MissingHash. */
export async function treeOf(read: Reader): Promise<CompactRange> {
  const [last] = await read
    .select({ index: auditLeaves.index })
    .from(auditLeaves)
    .orderBy(desc(auditLeaves.index))
    .limit(1);
  const size = last ? Number(last.index) + 1 : 0;
  return resume(read, size);
}

/** The root of the stored tree as it was when it had `size` leaves. Throws MissingHash. */
export async function rootAt(read: Reader, size: number): Promise<Buffer> {
  return (await resume(read, size)).root();
}

async function resume(read: Reader, size: number): Promise<CompactRange> {
  try {
    return CompactRange.resume(size, await readNodes(read, peaksOf(size)));
  } catch (error) {
    throw error instanceof RangeError ? new MissingHash(error.message) : error;
  }
}

/** The head that was signed last; null before the first one. */
export async function readNewestHead(read: Reader): Promise<{ size: number; checkpoint: string } | null> {
  const [last] = await read.select().from(auditHeads).orderBy(desc(auditHeads.size)).limit(1);
  return last ? { size: Number(last.size), checkpoint: last.checkpoint } : null;
}

/** Stored hashes in the order in which they are asked for, in one query. Throws MissingHash. */
export async function readNodes(read: Reader, wanted: Coordinate[]): Promise<Buffer[]> {
  if (wanted.length === 0) return [];
  const found = await read
    .select()
    .from(auditNodes)
    .where(
      or(...wanted.map(({ level, index }) => and(eq(auditNodes.level, level), eq(auditNodes.index, index)))),
    );
  const hashes = new Map(found.map(({ level, index, hash }) => [`${level}/${index}`, hash]));
  return wanted.map(({ level, index }) => {
    const hash = hashes.get(`${level}/${index}`);
    if (!hash) throw new MissingHash(`the log's tree lacks the hash ${level}/${index}`);
    return hash;
  });
}

/** Somebody took a stored hash away, cut it off, or gave a leaf a place that no tree has. */
export class MissingHash extends Error {}
