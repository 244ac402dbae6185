import { and } from "drizzle-orm";
import { z } from "zod";
import type { Reader } from "@/db/client";
import type { Person } from "@/lib/people/person";
import type { AuditFilter } from "./filter";
import { forAudit, matchesFilter } from "./matches-filter";
import { type LogPlace, type LogRow, selectRows } from "./select-rows";

export type LogQuery = {
  filter: AuditFilter;
  /** A cursor of an earlier answer: the older rows behind it … */
  after?: string | undefined;
  /** … or the newer ones in front of it. */
  before?: string | undefined;
  pageSize?: number;
};

export type LogPage = {
  /** The newest first. */
  rows: LogRow[];
  /** Goes into `after`; null where the oldest row is shown. */
  older: string | null;
  /** Goes into `before`; null where the newest row is shown. */
  newer: string | null;
};

/** One page of the log, for administrators and auditors; for everybody else an empty one. One query, whatever the page, and one before it where people, records or words are looked for. */
export async function readLog(read: Reader, reader: Person, query: LogQuery): Promise<LogPage> {
  const { filter, pageSize = 50 } = query;
  const after = placeOf(query.after);
  const before = after ? null : placeOf(query.before);
  const rows = await selectRows(read, {
    where: and(forAudit(reader), await matchesFilter(read, filter)),
    order: before ? "oldest" : "newest",
    from: after ?? before,
    limit: pageSize + 1,
  });
  const isMore = rows.length > pageSize;
  const shown = rows.slice(0, pageSize);
  if (before) shown.reverse();
  return {
    rows: shown,
    older: cursorAt(shown.at(-1), before ? true : isMore),
    newer: cursorAt(shown[0], before ? isMore : after !== null),
  };
}

const place = z.strictObject({
  at: z.iso.datetime({ precision: 6 }).refine((at) => at >= "0001"),
  seq: z.int().nonnegative(),
});

function cursorAt(row: LogRow | undefined, exists: boolean): string | null {
  if (!row || !exists) return null;
  return Buffer.from(JSON.stringify({ at: row.at, seq: row.seq })).toString("base64url");
}

/** null where it was tampered with: the list then begins anew. */
function placeOf(cursor: string | undefined): LogPlace | null {
  if (!cursor || cursor.length > 200) return null;
  try {
    return place.parse(JSON.parse(Buffer.from(cursor, "base64url").toString("utf8")));
  } catch {
    return null;
  }
}
