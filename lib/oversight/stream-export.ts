import { and, lte, type SQL, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { auditEvents } from "@/db/schema/audit";
import type { RelyingPartyOfLog } from "@/lib/audit/log/check-assertion";
import { exportLines, faultOfExport } from "@/lib/audit/log/export-log";
import { readNewestHead } from "@/lib/audit/log/tree";
import { logFailure } from "@/lib/platform/log";
import type { CurrentSession } from "@/lib/session/read-session";
import { sessionHolds } from "@/lib/session/rotation";
import type { ClaimedDownload } from "@/lib/step-up/download";
import { type ExportContent, exportContent } from "./export-audit";
import { headOf, type ListedFormat, rowsIn } from "./export-formats";
import { forAudit, matchesFilter } from "./matches-filter";
import { type LogPlace, selectRows } from "./select-rows";

const atOnce = 1_000;

/** The session was ended or locked, or the person may read no log any more, while the file was on its way. */
export class ExportStopped extends Error {}

/** The log can't be exported as it is: the message is for the person who asks. */
export class ExportRefused extends Error {}

export type Export = {
  format: ExportContent["format"];
  /** How many will come, at least. */
  rows: number;
  body: ReadableStream<Uint8Array>;
};

export type Exporting = {
  read: Reader;
  session: CurrentSession;
  download: ClaimedDownload;
  /** This installation's log: who signs it, and for whom its people's passkeys answer. */
  log: { vkey: string; rp: RelyingPartyOfLog };
  /** The request's: its client may go before anybody reads. */
  signal: AbortSignal;
};

/**
 * The file of a claimed download, batch by batch as its reader takes it: nothing of it is held but the batch. However
 * it ends (all sent, cancelled, failed), a row of the log says so, and how many rows went out. Throws ExportRefused
 * before anything was sent.
 */
export async function startExport(exporting: Exporting): Promise<Export> {
  const content = exportContent.parse(exporting.download.content);
  const parts = streamExport(exporting, content);
  // Begun now: a generator that never began has no end either, and the row that tells of it would be missing.
  const rows = (await parts.next()).value as number;
  const stop = () => void parts.return().catch((error) => logFailure("export", "admin.export-audit", error));
  if (exporting.signal.aborted) stop();
  else exporting.signal.addEventListener("abort", stop, { once: true });
  return { format: content.format, rows, body: streamOf(parts) };
}

/** A download that its person gave up before it was asked for: nothing went out, and nothing will. */
export async function cancelExport(download: ClaimedDownload): Promise<void> {
  const { format, upTo } = exportContent.parse(download.content);
  await download.ended("cancelled", { step: "sent", format, rows: 0, upTo });
}

/** Asked for the next part when the last one has gone, and ended when nobody reads on. */
function streamOf(parts: Parts): ReadableStream<Uint8Array> {
  const source: UnderlyingDefaultSource<Uint8Array> = {
    async pull(controller) {
      const { done, value } = await parts.next();
      if (done) controller.close();
      else controller.enqueue(new TextEncoder().encode(value as string));
    },
    async cancel() {
      await parts.return();
    },
  };
  return new ReadableStream(source, { highWaterMark: 0 });
}

/** First how many rows there are, then the file. */
type Parts = AsyncGenerator<number | string, void, void>;

async function* streamExport({ read, session, download, log }: Exporting, content: ExportContent): Parts {
  const { format, upTo } = content;
  let outcome: "allowed" | "cancelled" | "failed" = "cancelled";
  let sent = 0;
  try {
    const listed = format === "sealed" ? null : await rowsOf(read, session, content);
    const fault = listed ? null : await faultOfExport(read);
    if (fault) throw new ExportRefused(fault);
    yield listed ? await countRows(read, listed) : ((await readNewestHead(read))?.size ?? 0);
    const batches =
      listed && format !== "sealed"
        ? listedBatches(read, session, listed, format)
        : sealedBatches(read, session, log);
    for await (const { text, rows } of batches) {
      // Counted before it goes: of a batch that was cancelled on its way, nobody knows how much was read.
      sent += rows;
      yield text;
    }
    outcome = "allowed";
  } catch (error) {
    outcome = "failed";
    throw error;
  } finally {
    await download.ended(outcome, { step: "sent", format, rows: sent, upTo });
  }
}

type Batch = { text: string; rows: number };

async function rowsOf(read: Reader, { person }: CurrentSession, { filter, upTo }: ExportContent) {
  return and(forAudit(person), await matchesFilter(read, filter), lte(auditEvents.seq, upTo));
}

async function countRows(read: Reader, where: SQL | undefined): Promise<number> {
  const [counted] = await read.select({ rows: sql<number>`count(*)::int` }).from(auditEvents).where(where);
  return counted?.rows ?? 0;
}

/** The oldest first. */
async function* listedBatches(
  read: Reader,
  session: CurrentSession,
  where: SQL | undefined,
  format: ListedFormat,
): AsyncGenerator<Batch> {
  yield { text: headOf(format), rows: 0 };
  for (let from: LogPlace | null = null; ; ) {
    if (!(await stillHolds(read, session))) throw new ExportStopped();
    const batch = await selectRows(read, { where, order: "oldest", from, limit: atOnce });
    if (batch.length > 0) yield { text: rowsIn(format, batch), rows: batch.length };
    const last = batch.at(-1);
    if (!last || batch.length < atOnce) return;
    from = { at: last.at, seq: last.seq };
  }
}

/** The line about the log, then the leaves. What they tell of customers is in them as it is stored: sealed. */
async function* sealedBatches(
  read: Reader,
  session: CurrentSession,
  log: Exporting["log"],
): AsyncGenerator<Batch> {
  let lines: string[] = [];
  let before = -1;
  for await (const line of exportLines(read, log)) {
    lines.push(`${line}\n`);
    if (lines.length < atOnce) continue;
    if (!(await stillHolds(read, session))) throw new ExportStopped();
    yield { text: lines.join(""), rows: lines.length + before };
    lines = [];
    before = 0;
  }
  if (!(await stillHolds(read, session))) throw new ExportStopped();
  if (lines.length > 0) yield { text: lines.join(""), rows: lines.length + before };
}

/** A large file takes minutes: who was signed out, locked or demoted meanwhile gets no more of it. */
async function stillHolds(read: Reader, session: CurrentSession): Promise<boolean> {
  const [row] = await read
    .select({ holds: sql<boolean>`(${sessionHolds(session)})` })
    .from(sql`(values (1)) as one(x)`);
  return row?.holds === true;
}
