import type { ExportFormat } from "@/lib/oversight/export-audit";

type Wanted = {
  token: string;
  format: ExportFormat;
  signal: AbortSignal;
  /** Told how many rows have come, a few times a second. */
  onRows(rows: number): void;
};

export type FetchedFile =
  | { status: "saved"; rows: number }
  | { status: "cancelled" }
  | { status: "failed"; words: string };

const newline = 10;
const everyMs = 200;

/** Fetches an unlocked export and saves it as a file; one that broke off is not saved. Rows are lines. */
export async function fetchExport({ token, format, signal, onRows }: Wanted): Promise<FetchedFile> {
  try {
    const answer = await fetch("/admin/audit/export", { headers: { "Keyturn-Download": token }, signal });
    if (!answer.ok || !answer.body) return { status: "failed", words: await answer.text() };
    const parts: Uint8Array<ArrayBuffer>[] = [];
    let lines = format === "csv" ? -1 : 0;
    let told = 0;
    for (const reader = answer.body.getReader(); ; ) {
      const { done, value } = await reader.read();
      if (done) break;
      parts.push(value);
      lines += linesIn(value);
      if (performance.now() - told < everyMs) continue;
      told = performance.now();
      onRows(Math.max(lines, 0));
    }
    save(new Blob(parts, { type: "application/octet-stream" }), nameOf(format));
    return { status: "saved", rows: lines };
  } catch {
    if (signal.aborted) return { status: "cancelled" };
    return { status: "failed", words: "The export broke off: the connection, or your session, has ended." };
  }
}

function linesIn(bytes: Uint8Array): number {
  let lines = 0;
  for (const byte of bytes) if (byte === newline) lines += 1;
  return lines;
}

function nameOf(format: ExportFormat): string {
  const day = new Date().toISOString().slice(0, 10);
  return `keyturn-audit-${day}.${format === "csv" ? "csv" : "jsonl"}`;
}

function save(file: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(file);
  link.download = name;
  link.click();
  // Some browsers read the file a moment after the click.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
