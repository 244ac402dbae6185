import type { Reader } from "@/db/client";
import type { KeyRing } from "@/lib/platform/key-ring";
import { openWith } from "../read-opening";
import { leafText, type StoredRow } from "../stored";
import type { RelyingPartyOfLog } from "./check-assertion";
import type { Finding } from "./finding";
import { readExtent, readHeads, readLeaves, readPasskeys, readUnsealed } from "./read-leaves";
import { RowChecker } from "./row-checker";
import { type HeadToCheck, TreeChecker } from "./tree-checker";

export type LogToVerify = {
  read: Reader;
  ring: KeyRing;
  auditKey: Buffer;
  vkey: string;
  rp: RelyingPartyOfLog;
  /** Demo mode is on: seeded history belongs here. */
  demo: boolean;
  /** Heads that were kept outside the database. */
  outside: HeadToCheck[];
};

export type Verdict = {
  findings: Finding[];
  sealed: number;
  waiting: number;
  counts: RowChecker["counts"];
};

/**
 * Checks the log of a database from its first row to its last: every leaf against its row, every signed head against
 * the tree that the rows give, every row's MAC and opening, every kept signature, and today's passkeys against their
 * enrolment (design § 7, threats.md 28). Reads in batches, writes nothing, and may run beside the app.
 */
export async function verifyLog(log: LogToVerify): Promise<Verdict> {
  const findings: Finding[] = [];
  const find = (seq: number | null, faults: (string | null)[]) => {
    for (const words of faults) if (words !== null) findings.push({ seq, words });
  };
  const rows = new RowChecker(log);
  const tree = new TreeChecker(log.vkey);
  const extent = await readExtent(log.read);
  for (const head of log.outside) find(null, [tree.await(head)]);

  for await (const batch of readLeaves(log.read, extent.leaves)) {
    const heads = await readHeads(log.read, tree.size, tree.size + batch.length);
    for (const { size, checkpoint } of heads)
      find(null, [
        tree.await({ name: `the stored head of ${size} rows`, checkpoint, storedSize: Number(size) }),
      ]);
    for (const { index, seq, hash, row, key } of batch) {
      const number = Number(seq);
      if (Number(index) !== tree.size)
        find(number, [`the log has a gap before it: leaf ${tree.size} is missing`]);
      if (!row) {
        find(number, ["it was deleted"]);
        return { findings, sealed: tree.size, waiting: 0, counts: rows.counts };
      }
      const stored = row as StoredRow;
      const leaf = tree.push(leafText(stored));
      if (!hash?.equals(leaf.hash)) find(number, ["it was changed after it was sealed"]);
      find(number, leaf.faults);
      find(number, await rows.faultsOf({ row: stored, opening: openWith(log.ring, stored, key) }));
    }
  }
  if (extent.signed !== extent.leaves)
    find(null, [`the last signed head is of ${extent.signed} rows, and there are ${extent.leaves} leaves`]);
  else find(null, [tree.faultOfTail()]);
  find(null, tree.end());
  const waiting = await checkUnsealed(log, rows, find);
  findings.push(...rows.erasures.findings());
  find(null, await faultsOfPasskeys(log.read, rows));
  return { findings, sealed: tree.size, waiting, counts: rows.counts };
}

type Find = (seq: number | null, faults: (string | null)[]) => void;

/** The rows of the last seconds: they have no leaf yet, and their MAC already. */
async function checkUnsealed(log: LogToVerify, rows: RowChecker, find: Find): Promise<number> {
  let waiting = 0;
  for await (const batch of readUnsealed(log.read)) {
    for (const { row, key, waits } of batch) {
      waiting += 1;
      find(Number(row.seq), [waits ? null : "it has no leaf, and waits for none"]);
      find(Number(row.seq), await rows.faultsOf({ row, opening: openWith(log.ring, row, key) }));
    }
  }
  return waiting;
}

async function faultsOfPasskeys(read: Reader, { enrolments }: RowChecker): Promise<(string | null)[]> {
  return (await readPasskeys(read)).map((today) => enrolments.faultOfToday(today));
}
