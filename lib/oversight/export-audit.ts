import { and, sql } from "drizzle-orm";
import { z } from "zod";
import type { Reader } from "@/db/client";
import { auditEvents } from "@/db/schema/audit";
import { mayReadAudit } from "@/lib/access/access";
import { defineCommand } from "@/lib/command";
import type { Person } from "@/lib/people/person";
import { openDownload } from "@/lib/step-up/download";
import { consumeGrant } from "@/lib/step-up/grant";
import { type AuditFilter, auditFilter } from "./filter";
import { filterInWords } from "./filter-words";
import { forAudit, matchesFilter } from "./matches-filter";

const exportFormats = ["csv", "json"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** What an answer unlocks: a token for one download, and how many rows it will bring. */
export type UnlockedExport = { token: string; rows: number };

const wanted = z.strictObject({ filter: auditFilter, format: z.enum(exportFormats) });

/** What a download was confirmed for, and where the log ended then. */
export const exportContent = wanted.extend({ upTo: z.int(), rows: z.int() });
export type ExportContent = z.infer<typeof exportContent>;

const formatWords: Record<ExportFormat, string> = { csv: "CSV", json: "JSON, a line a row" };

/**
 * Unlocks the rows that a filter selects as a file, for exactly this filter and format. The file comes from its own
 * address; its end is a row as well, which says how many went out.
 */
export const exportAudit = defineCommand({
  name: "admin.export-audit",
  input: wanted,
  subject: async (_read, person) => (mayReadAudit(person) ? {} : null),
  record: () => null,
  prompt: (_subject, { filter, format }) => ({
    purpose: "to export the audit log",
    verb: "Export",
    changes: [
      { label: "Format", from: null, to: formatWords[format] },
      ...filterInWords(filter).map(({ label, value }) => ({ label, from: null, to: value })),
    ],
  }),
  async run(tx, grant, { filter, format }, { person, facts, factor, authenticatorId }) {
    await consumeGrant(tx, grant, "admin.export-audit", null);
    const extent = await readExtent(tx, person, filter);
    const content: ExportContent = { filter, format, ...extent };
    const token = await openDownload(tx, facts, {
      action: "admin.export-audit",
      content,
      factor,
      authenticatorId,
    });
    return { data: { token, rows: extent.rows }, detail: { step: "unlocked", format, filter, ...extent } };
  },
});

/** How many rows there are, and the last one's number: what comes later is not part of it. */
async function readExtent(
  read: Reader,
  person: Person,
  filter: AuditFilter,
): Promise<Pick<ExportContent, "upTo" | "rows">> {
  const [extent] = await read
    .select({
      upTo: sql<number>`coalesce(max(${auditEvents.seq}), 0)::float8`,
      rows: sql<number>`count(*)::int`,
    })
    .from(auditEvents)
    .where(and(forAudit(person), await matchesFilter(read, filter)));
  return { upTo: Number(extent?.upTo ?? 0), rows: extent?.rows ?? 0 };
}
