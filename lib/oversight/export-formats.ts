import { stringify } from "csv-stringify/sync";
import type { ExportFormat } from "./export-audit";
import type { LogRow } from "./select-rows";

/** Rows in words, as the screen lists them. */
export type ListedFormat = Exclude<ExportFormat, "sealed">;

const columns = [
  "time",
  "number",
  "id",
  "action",
  "words",
  "outcome",
  "person",
  "email",
  "personId",
  "sessionId",
  "recordType",
  "recordId",
  "recordNumber",
  "factor",
  "authenticatorId",
  "policyVersion",
  "address",
  "repeats",
  "isDemo",
  "detail",
] as const;

export const contentTypes: Record<ExportFormat, string> = {
  csv: "text/csv; charset=utf-8",
  json: "application/x-ndjson; charset=utf-8",
  sealed: "application/x-ndjson; charset=utf-8",
};

/** A file's name without the day. */
export const fileNames: Record<ExportFormat, string> = {
  csv: "keyturn-audit.csv",
  json: "keyturn-audit.jsonl",
  sealed: "keyturn-audit-sealed.jsonl",
};

/** What stands before the rows: for CSV the mark by which spreadsheets know UTF-8, and the columns' names. */
export function headOf(format: ListedFormat): string {
  return format === "csv" ? `\ufeff${inCsv([[...columns]])}` : "";
}

/** Rows, a line each: no line is broken within a row, so that lines can be counted. */
export function rowsIn(format: ListedFormat, rows: LogRow[]): string {
  const flat = rows.map(flatten);
  if (format === "json") return flat.map((row) => `${JSON.stringify(row)}\n`).join("");
  return inCsv(flat.map((row) => columns.map((name) => cellOf(row[name]))));
}

/** Formulas are neutralised by an apostrophe: a name or an address must run nothing in a spreadsheet (threats.md 32). */
function inCsv(cells: string[][]): string {
  return stringify(cells, { escape_formulas: true, record_delimiter: "windows" });
}

/**
 * Spreadsheets pass over blanks in front of a formula, and the library looks at the first character alone. Where lists
 * are parted by semicolons or tabs, what follows one is a cell of its own, quotes or not: it is neutralised as well.
 */
function cellOf(value: unknown): string {
  const text = typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? "");
  return text
    .replace(/[\r\n\u2028\u2029]+/g, " ")
    .replace(/^\s+(?=[=+\-@＝＋－＠])/, "")
    .replace(/([;\t]["\s]*)(?=[=+\-@＝＋－＠])/g, "$1'");
}

function flatten(row: LogRow): Record<(typeof columns)[number], unknown> {
  const { at, seq, id, action, sentence, outcome, actor, record } = row;
  const { sessionId, factor, authenticatorId, policyVersion, address, repeats, isDemo, detail } = row;
  return {
    time: at,
    number: seq,
    id,
    action,
    words: sentence,
    outcome,
    person: actor?.name ?? null,
    email: actor?.email ?? null,
    personId: actor?.id ?? null,
    sessionId,
    recordType: record?.type ?? null,
    recordId: record?.id ?? null,
    recordNumber: record?.number ?? null,
    factor,
    authenticatorId,
    policyVersion,
    address,
    repeats,
    isDemo,
    detail,
  };
}
