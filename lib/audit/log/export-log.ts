import { and, eq, gte, isNull, lt } from "drizzle-orm";
import { z } from "zod";
import type { Reader } from "@/db/client";
import { auditEvents, auditLeaves, auditOutcomes } from "@/db/schema/audit";
import { leafText, type StoredRow } from "../stored";
import type { RelyingPartyOfLog } from "./check-assertion";
import { readLeaves } from "./read-leaves";
import { RowChecker } from "./row-checker";
import { readNewestHead } from "./tree";
import { type HeadToCheck, TreeChecker } from "./tree-checker";
import type { Verdict } from "./verify-log";

const format = "keyturn-audit-export-v1";

const header = z.object({
  format: z.literal(format),
  vkey: z.string(),
  checkpoint: z.string(),
  rp: z.object({ id: z.string(), origin: z.string() }),
});

/** Why the log can't be exported to its end, for the person who asks for it; null: it can. */
export async function faultOfExport(read: Reader): Promise<string | null> {
  const head = await readNewestHead(read);
  if (!head) return "Nothing was sealed yet, so there is no sealed log to export. Try again in a minute.";
  const [missing] = await read
    .select({ seq: auditLeaves.seq })
    .from(auditLeaves)
    .leftJoin(auditEvents, eq(auditEvents.seq, auditLeaves.seq))
    .where(and(isNull(auditEvents.seq), gte(auditLeaves.index, 0), lt(auditLeaves.index, head.size)))
    .limit(1);
  if (!missing) return null;
  return `The log is damaged and can't be exported: row ${missing.seq} is missing. Have npm run audit:verify run on the host.`;
}

/**
 * The sealed log as lines of JSON: who it is of and its last signed head, then each leaf's exact text. What rows tell of
 * customers is in it as it is stored: sealed. Throws while nothing was sealed yet.
 */
export async function* exportLines(read: Reader, of: { vkey: string; rp: RelyingPartyOfLog }) {
  const head = await readNewestHead(read);
  if (!head) throw new Error("Nothing was sealed yet");
  yield JSON.stringify({ format, ...of, checkpoint: head.checkpoint });
  for await (const batch of readLeaves(read, head.size)) {
    for (const { seq, row } of batch) {
      if (!row) throw new Error(`Row ${seq} is missing: run npm run audit:verify`);
      yield JSON.stringify(leafText(row as StoredRow));
    }
  }
}

const leaf = z
  .object({
    seq: z.int(),
    id: z.uuid(),
    at: z.string(),
    actorId: z.string().nullable(),
    sessionId: z.string().nullable(),
    action: z.string(),
    outcome: z.enum(auditOutcomes),
    recordType: z.string().nullable(),
    recordId: z.string().nullable(),
    digest: z.string().nullable(),
    factor: z.string().nullable(),
    authenticatorId: z.string().nullable(),
    policyVersion: z.int().nullable(),
    address: z.string().nullable(),
    detail: z.unknown(),
    sealed: z.string().nullable(),
    repeats: z.int(),
    isDemo: z.boolean(),
    mac: z.string().nullable(),
  })
  .transform((row) => row as StoredRow);

/** What a line holds as JSON; null: nothing that can be read. */
function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/**
 * Checks an exported log with nothing but the log's public key: its tree against its signed head and those that were
 * kept elsewhere, and the passkeys' signatures with the keys that it saw enrolled. MACs need the audit key, and what
 * was confirmed needs the customers' keys: neither is looked at here.
 */
export async function verifyExport(
  lines: AsyncIterable<string>,
  vkey: string,
  outside: HeadToCheck[],
): Promise<Verdict> {
  const findings: Verdict["findings"] = [];
  const tree = new TreeChecker(vkey);
  const expect = (head: HeadToCheck) => {
    const words = tree.await(head);
    if (words) findings.push({ seq: null, words });
  };
  for (const head of outside) expect(head);
  let rows: RowChecker | undefined;
  for await (const line of lines) {
    if (!rows) {
      const about = header.parse(JSON.parse(line));
      // Whether demo history belongs here is known where the log is kept.
      rows = new RowChecker({ rp: about.rp, auditKey: null, demo: true });
      expect({ name: "its own head", checkpoint: about.checkpoint });
      continue;
    }
    const text = String(parsed(line));
    const { data: row } = leaf.safeParse(parsed(text));
    const seq = row?.seq ?? null;
    if (!row) findings.push({ seq, words: `its leaf ${tree.size} is no row that can be read` });
    for (const words of tree.push(text).faults) findings.push({ seq, words });
    const faults = row ? await rows.faultsOf({ row, opening: null }) : [];
    for (const words of faults) findings.push({ seq, words });
  }
  if (!rows) findings.push({ seq: null, words: "it is empty: not even the line about the log is there" });
  const uncovered = tree.faultOfTail();
  if (uncovered) findings.push({ seq: null, words: uncovered });
  for (const words of tree.end()) findings.push({ seq: null, words });
  const counts = rows?.counts ?? { rows: 0, demo: 0, signatures: 0, erased: 0 };
  return { findings, sealed: tree.size, waiting: 0, counts };
}
