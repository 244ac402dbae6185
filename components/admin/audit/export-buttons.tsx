"use client";

import { useRef, useState } from "react";
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
  | { kind: "fetching"; format: ExportFormat; rows: number; of: number }
  | { kind: "saved"; rows: number }
  | { kind: "ended"; words: string; failed: boolean };

/** Confirms what the filter selects, then fetches it as a file: with its progress, and a way to stop it. */
export function ExportButtons({ filter, exportAudit }: Props) {
  const unlock = useStepUp(exportAudit);
  const [state, setState] = useState<State>({ kind: "idle" });
  const stop = useRef<AbortController | null>(null);
  const busy = state.kind === "asking" || state.kind === "fetching" ? state.format : null;

  const start = async (format: ExportFormat) => {
    setState({ kind: "asking", format });
    const outcome = await unlock({ filter, format });
    if (outcome.status !== "done") {
      const words = outcomeWords(outcome);
      return setState(words ? { kind: "ended", words, failed: true } : { kind: "idle" });
    }
    const { token, rows: of } = outcome.data;
    stop.current = new AbortController();
    setState({ kind: "fetching", format, rows: 0, of });
    const onRows = (rows: number) => setState({ kind: "fetching", format, rows, of });
    const file = await fetchExport({ token, format, signal: stop.current.signal, onRows });
    setState(endOf(file));
  };
  return (
    <div className="flex flex-col items-end gap-2 max-sm:items-stretch">
      <div className="flex flex-wrap gap-2">
        <Button pending={busy === "csv"} disabled={busy === "json"} onClick={() => void start("csv")}>
          Export CSV
        </Button>
        <Button pending={busy === "json"} disabled={busy === "csv"} onClick={() => void start("json")}>
          Export JSON
        </Button>
      </div>
      {state.kind === "fetching" ? <Progress {...state} onCancel={() => stop.current?.abort()} /> : null}
      {state.kind === "saved" ? (
        <Notice tone="open">{rowsInWords(state.rows)} exported. The file is with your downloads.</Notice>
      ) : null}
      {state.kind === "ended" ? <Notice tone={state.failed ? "danger" : "info"}>{state.words}</Notice> : null}
    </div>
  );
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

function Progress({ rows, of, onCancel }: { rows: number; of: number; onCancel(): void }) {
  return (
    <div className="flex flex-wrap items-center gap-3">
      <label className="flex items-center gap-2 text-sm">
        <span>
          {rows.toLocaleString("en-GB")} of {rowsInWords(of)}
        </span>
        <progress aria-label="Export" value={rows} max={Math.max(of, 1)} className="h-2 w-40 accent-brand" />
      </label>
      <Button size="small" onClick={onCancel}>
        Cancel export
      </Button>
    </div>
  );
}

function rowsInWords(rows: number): string {
  return `${rows.toLocaleString("en-GB")} ${rows === 1 ? "row" : "rows"}`;
}
