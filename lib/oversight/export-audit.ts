import { desc } from "drizzle-orm";
import { z } from "zod";
import type { Reader } from "@/db/client";
import { auditEvents } from "@/db/schema/audit";
import { mayReadAudit } from "@/lib/access/access";
import { defineCommand } from "@/lib/command";
import { openDownload } from "@/lib/step-up/download";
import { consumeGrant } from "@/lib/step-up/grant";
import { auditFilter, filterNames } from "./filter";
import { filterInWords } from "./filter-words";

/** `sealed`: the log as it is stored, leaf by leaf, for whoever verifies it without this installation. */
export const exportFormats = ["csv", "json", "sealed"] as const;
export type ExportFormat = (typeof exportFormats)[number];

/** What an answer unlocks: a token for one download. */
export type UnlockedExport = { token: string };

const format = z.enum(exportFormats);
const wanted = z
  .strictObject({ filter: auditFilter, format })
  // A part of the log leads to no signed head.
  .refine(({ filter, format }) => format !== "sealed" || filterNames.every((name) => filter[name] === ""), {
    message: "The sealed log is exported as a whole.",
  });

/** What a download was confirmed for, and where the log ended then. */
export const exportContent = z.strictObject({ filter: auditFilter, format, upTo: z.int() });
export type ExportContent = z.infer<typeof exportContent>;

const formatWords: Record<ExportFormat, string> = {
  csv: "CSV",
  json: "JSON, a line a row",
  sealed: "the sealed log, to be verified elsewhere",
};

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
  async run(tx, grant, { filter, format }, { facts, factor, authenticatorId }) {
    await consumeGrant(tx, grant, "admin.export-audit", null);
    const upTo = await readLastNumber(tx);
    const token = await openDownload(tx, facts, {
      action: "admin.export-audit",
      content: { filter, format, upTo } satisfies ExportContent,
      factor,
      authenticatorId,
    });
    return { data: { token }, detail: { step: "unlocked", format, filter, upTo } };
  },
});

/** The last row's number: what comes later is not part of it. The rows are counted outside this transaction. */
async function readLastNumber(read: Reader): Promise<number> {
  const [last] = await read
    .select({ seq: auditEvents.seq })
    .from(auditEvents)
    .orderBy(desc(auditEvents.seq))
    .limit(1);
  return Number(last?.seq ?? 0);
}
