import type { ExportFormat } from "@/lib/oversight/export-audit";

type Wanted = {
  token: string;
  format: ExportFormat;
  signal: AbortSignal;
  /** Told how many rows have come, of how many, a few times a second. */
  onRows(rows: number, of: number): void;
};

export type FetchedFile =
  | { status: "saved"; rows: number }
  | { status: "cancelled" }
  | { status: "failed"; words: string };

const address = "/admin/audit/export";
const newline = 10;
const everyMs = 200;
const foldedBytes = 4 * 1024 * 1024;

/** Lines that are no rows: the columns' names, and what the sealed log says of itself. */
const headLines: Record<ExportFormat, number> = { csv: 1, json: 0, sealed: 1 };

/** Of a stream that breaks off a browser is told no reason. */
const brokeOff =
  "The export broke off. If it does again, the log may be damaged: have npm run audit:verify run on the host.";

/** Fetches an unlocked export and saves it as a file; one that broke off, or is short, is not saved. Rows are lines. */
export async function fetchExport({ token, format, signal, onRows }: Wanted): Promise<FetchedFile> {
  const headers = { "Keyturn-Download": token };
  try {
    signal.throwIfAborted();
    const answer = await fetch(address, { headers, signal });
    if (!answer.ok || !answer.body) return { status: "failed", words: await answer.text() };
    const of = Number(answer.headers.get("keyturn-rows"));
    const { file, lines } = await readLines(answer.body, (read) => onRows(read - headLines[format], of));
    const rows = lines - headLines[format];
    if (rows < of)
      return { status: "failed", words: "The export came short: fewer rows than it should bring." };
    save(file, nameOf(format));
    return { status: "saved", rows };
  } catch {
    if (!signal.aborted) return { status: "failed", words: brokeOff };
    // The request may not have arrived: then the token would live on.
    void fetch(address, { headers: { ...headers, "Keyturn-Cancel": "1" }, keepalive: true }).catch(() => {});
    return { status: "cancelled" };
  }
}

/** The browser may put a blob on disk; what is read since the last one is held, and no more. */
async function readLines(body: ReadableStream<Uint8Array<ArrayBuffer>>, onLines: (lines: number) => void) {
  let file = new Blob();
  let parts: Uint8Array<ArrayBuffer>[] = [];
  let [held, lines, told] = [0, 0, 0];
  const fold = () => {
    file = new Blob([file, ...parts], { type: "application/octet-stream" });
    [parts, held] = [[], 0];
  };
  for (const reader = body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    held += value.length;
    lines += linesIn(value);
    if (held >= foldedBytes) fold();
    if (performance.now() - told < everyMs) continue;
    told = performance.now();
    onLines(lines);
  }
  fold();
  return { file, lines };
}

function linesIn(bytes: Uint8Array): number {
  let lines = 0;
  for (const byte of bytes) if (byte === newline) lines += 1;
  return lines;
}

const endings: Record<ExportFormat, string> = { csv: ".csv", json: ".jsonl", sealed: "-sealed.jsonl" };

function nameOf(format: ExportFormat): string {
  return `keyturn-audit-${new Date().toISOString().slice(0, 10)}${endings[format]}`;
}

function save(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // Some browsers read the file a moment after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
