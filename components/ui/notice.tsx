import type { ReactNode } from "react";
import { classNames } from "./class-names";

export type Tone = "info" | "warn" | "danger" | "open";

const looks: Record<Tone, string> = {
  info: "bg-info-soft text-info",
  warn: "bg-warn-soft text-warn",
  danger: "bg-danger-soft text-danger",
  open: "bg-open-soft text-open",
};

/** A short message in place. Errors are announced at once (`role=alert`), the rest when the reader is idle. */
export function Notice({ tone = "info", children, className }: { tone?: Tone; children: ReactNode; className?: string }) {
  return (
    <div role={tone === "danger" ? "alert" : "status"} className={classNames("rounded-md px-3 py-2", looks[tone], className)}>
      {children}
    </div>
  );
}

/** A state in one word, told by the word and not by colour alone. */
export function Badge({ tone, children }: { tone?: Tone | undefined; children: ReactNode }) {
  const look = tone ? looks[tone] : "bg-sunken text-ink-soft";
  return <span className={classNames("inline-block rounded-full px-2 py-0.5 font-medium text-xs", look)}>{children}</span>;
}
