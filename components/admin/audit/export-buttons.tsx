"use client";

import { useEffect, useRef, useState } from "react";
import { outcomeWords } from "@/components/step-up/outcome-words";
import { useStepUp } from "@/components/step-up/use-step-up";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { ExportFormat, UnlockedExport } from "@/lib/oversight/export-audit";
import type { AuditFilter } from "@/lib/oversight/filter";
import type { Action } from "@/lib/step-up/action-result";
import { type FetchedFile, fetchExport } from "./fetch-export";

type Props = { filter: AuditFilter; exportAudit: Action<UnlockedExport> };

type State =
  | { kind: "idle" }
  | { kind: "asking"; format: ExportFormat }
  | { kind: "fetching"; format: ExportFormat; rows: number; of: number | null }
  | { kind: "saved"; rows: number }
  | { kind: "ended"; words: string; failed: boolean };

const labels: Record<ExportFormat, string> = {
  csv: "Export CSV",
  json: "Export JSON",
  sealed: "Export sealed log",
};
const formats = Object.keys(labels) as ExportFormat[];

/**
 * Confirms what the filter selects, or all that is sealed, then fetches it as a file: with its progress, and a way to
 * stop it. Leaving the page stops it as well.
 */
export function ExportButtons({ filter, exportAudit }: Props) {
  const unlock = useStepUp(exportAudit);
  const [state, setState] = useState<State>({ kind: "idle" });
  const stop = useRef<AbortController | null>(null);
  const end = useRef<HTMLDivElement>(null);
  const busy = state.kind === "asking" || state.kind === "fetching" ? state.format : null;
  useEffect(() => () => stop.current?.abort(), []);

  const start = async (format: ExportFormat) => {
    const stopping = new AbortController();
    stop.current = stopping;
    setState({ kind: "asking", format });
    const outcome = await unlock({ filter: format === "sealed" ? everyRow(filter) : filter, format });
    if (outcome.status !== "done") {
      const words = outcomeWords(outcome);
      return setState(words ? { kind: "ended", words, failed: true } : { kind: "idle" });
    }
    setState({ kind: "fetching", format, rows: 0, of: null });
    const onRows = (rows: number, of: number) =>
      setState({ kind: "fetching", format, rows: Math.max(rows, 0), of });
    const { token } = outcome.data;
    setState(endOf(await fetchExport({ token, format, signal: stopping.signal, onRows })));
  };
  const cancel = () => {
    stop.current?.abort();
    // The button that was pressed goes away with the progress: the focus goes to what is said then.
    end.current?.focus();
  };
  return (
    <div className="flex flex-col items-end gap-2 max-sm:items-stretch">
      <div className="flex flex-wrap gap-2">
        {formats.map((format) => (
          <Button
            key={format}
            pending={busy === format}
            disabled={busy !== null && busy !== format}
            onClick={() => void start(format)}
          >
            {labels[format]}
          </Button>
        ))}
      </div>
      {state.kind === "fetching" ? <Progress {...state} onCancel={cancel} /> : null}
      <div ref={end} tabIndex={-1}>
        {state.kind === "saved" ? (
          <Notice tone="open">{rowsInWords(state.rows)} exported. The file is with your downloads.</Notice>
        ) : null}
        {state.kind === "ended" ? (
          <Notice tone={state.failed ? "danger" : "info"}>{state.words}</Notice>
        ) : null}
      </div>
    </div>
  );
}

/** A filter that asks for nothing; the server's own would bring its schema along. */
function everyRow(filter: AuditFilter): Record<string, string> {
  return Object.fromEntries(Object.keys(filter).map((name) => [name, ""]));
}

function endOf(file: FetchedFile): State {
  switch (file.status) {
    case "saved":
      return { kind: "saved", rows: file.rows };
    case "cancelled":
      return {
        kind: "ended",
        failed: false,
        words: "Export cancelled. Nothing was saved; the log says how much had gone out.",
      };
    case "failed":
      return { kind: "ended", failed: true, words: `${file.words} Nothing was saved.` };
  }
}

type ProgressProps = { rows: number; of: number | null; onCancel(): void };

function Progress({ rows, of, onCancel }: ProgressProps) {
  const words = of === null ? "Counting rows" : `${rows.toLocaleString("en-GB")} of ${rowsInWords(of)}`;
  return (
    <div className="flex flex-wrap items-center gap-3">
      <span className="flex items-center gap-2 text-sm">
        <span aria-hidden>{words}</span>
        <progress
          aria-label="Export"
          aria-valuetext={words}
          value={of === null ? undefined : rows}
          max={Math.max(of ?? 1, 1)}
          className="h-2 w-40 accent-brand"
        />
      </span>
      <span role="status" className="sr-only">
        {of === null ? "Counting rows" : `${quarters(rows, of)}% exported`}
      </span>
      <Button size="small" onClick={onCancel}>
        Cancel export
      </Button>
    </div>
  );
}

/** Said aloud four times, not five times a second. */
function quarters(rows: number, of: number): number {
  return of === 0 ? 0 : Math.floor((Math.min(rows, of) / of) * 4) * 25;
}

function rowsInWords(rows: number): string {
  return `${rows.toLocaleString("en-GB")} ${rows === 1 ? "row" : "rows"}`;
}
