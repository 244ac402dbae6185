import { and, lte, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { auditEvents } from "@/db/schema/audit";
import type { CurrentSession } from "@/lib/session/read-session";
import { sessionHolds } from "@/lib/session/rotation";
import type { ClaimedDownload } from "@/lib/step-up/download";
import { type ExportContent, exportContent } from "./export-audit";
import { headOf, rowsIn } from "./export-formats";
import { forAudit, matchesFilter } from "./matches-filter";
import { type LogPlace, selectRows } from "./select-rows";

const atOnce = 1_000;

/** The session was ended or locked, or the person may read no log any more, while the file was on its way. */
export class ExportStopped extends Error {}

export type Export = { format: ExportContent["format"]; rows: number; body: ReadableStream<Uint8Array> };

/**
 * The file of a claimed download, batch by batch as its reader takes it: nothing of it is held but the batch. However
 * it ends (all sent, cancelled, failed), a row of the log says so, and how many rows went out.
 */
export function startExport(read: Reader, session: CurrentSession, download: ClaimedDownload): Export {
  const content = exportContent.parse(download.content);
  return {
    format: content.format,
    rows: content.rows,
    body: streamOf(streamExport(read, session, content, download)),
  };
}

/** Asked for the next part when the last one has gone, and ended when nobody reads on. */
function streamOf(parts: AsyncGenerator<Uint8Array>): ReadableStream<Uint8Array> {
  const source: UnderlyingDefaultSource<Uint8Array> = {
    async pull(controller) {
      const { done, value } = await parts.next();
      if (done) controller.close();
      else controller.enqueue(value);
    },
    async cancel() {
      await parts.return(undefined);
    },
  };
  return new ReadableStream(source, { highWaterMark: 0 });
}

async function* streamExport(
  read: Reader,
  session: CurrentSession,
  content: ExportContent,
  download: ClaimedDownload,
): AsyncGenerator<Uint8Array> {
  const { format, upTo } = content;
  let outcome: "allowed" | "cancelled" | "failed" = "cancelled";
  let sent = 0;
  try {
    yield encoded(headOf(format));
    for await (const batch of batches(read, session, content)) {
      // Counted before it goes: of a batch that was cancelled on its way, nobody knows how much was read.
      sent += batch.length;
      yield encoded(rowsIn(format, batch));
    }
    outcome = "allowed";
  } catch (error) {
    outcome = "failed";
    throw error;
  } finally {
    await download.ended(outcome, { step: "sent", format, rows: sent, upTo });
  }
}

/** The oldest first. */
async function* batches(read: Reader, session: CurrentSession, { filter, upTo }: ExportContent) {
  const where = and(forAudit(session.person), await matchesFilter(read, filter), lte(auditEvents.seq, upTo));
  for (let from: LogPlace | null = null; ; ) {
    if (!(await stillHolds(read, session))) throw new ExportStopped();
    const batch = await selectRows(read, { where, order: "oldest", from, limit: atOnce });
    if (batch.length > 0) yield batch;
    const last = batch.at(-1);
    if (!last || batch.length < atOnce) return;
    from = { at: last.at, seq: last.seq };
  }
}

/** A large file takes minutes: who was signed out, locked or demoted meanwhile gets no more of it. */
async function stillHolds(read: Reader, session: CurrentSession): Promise<boolean> {
  const [row] = await read
    .select({ holds: sql<boolean>`(${sessionHolds(session)})` })
    .from(sql`(values (1)) as one(x)`);
  return row?.holds === true;
}

function encoded(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
