import { CircleAlert, CircleCheck, Info, type LucideIcon, TriangleAlert } from "lucide-react";
import type { ReactNode } from "react";
import { classNames } from "./class-names";

/** `open`: in force, or went well. */
export type Tone = "info" | "warn" | "danger" | "open";

const looks: Record<Tone, string> = {
  info: "bg-info-soft text-info",
  warn: "bg-warn-soft text-warn",
  danger: "bg-danger-soft text-danger",
  open: "bg-open-soft text-open",
};

const icons: Record<Tone, LucideIcon> = {
  info: Info,
  warn: TriangleAlert,
  danger: CircleAlert,
  open: CircleCheck,
};

type Props = {
  tone?: Tone;
  title?: ReactNode;
  /** A button or link that helps. */
  action?: ReactNode;
  children?: ReactNode;
  className?: string;
};

/** A short message in place. Errors are announced at once (`role=alert`), the rest when the reader is idle. */
export function Notice({ tone = "info", title, action, children, className }: Props) {
  const Icon = icons[tone];
  return (
    <div
      role={tone === "danger" ? "alert" : "status"}
      className={classNames(
        "flex gap-2.5 rounded-md border border-transparent px-3 py-2",
        looks[tone],
        className,
      )}
    >
      <Icon aria-hidden className="mt-0.5 size-4 shrink-0" />
      <div className="min-w-0 flex-1">
        {title ? <p className="font-semibold">{title}</p> : null}
        {children}
      </div>
      {action ? <div className="-my-0.5 shrink-0 self-center">{action}</div> : null}
    </div>
  );
}

const dots: Record<Tone, string> = { info: "bg-info", warn: "bg-warn", danger: "bg-danger", open: "bg-open" };

/** A state in one word, told by the word and not by colour alone. With a tone it has a dot, without it is a plain tag. */
export function Badge({ tone, children }: { tone?: Tone | undefined; children: ReactNode }) {
  return (
    <span
      className={classNames(
        "inline-flex items-center gap-1.5 rounded-full border px-2 font-medium text-xs leading-5 whitespace-nowrap",
        tone ? "border-line bg-surface text-ink" : "border-transparent bg-sunken text-ink-soft",
      )}
    >
      {tone ? (
        <span
          aria-hidden
          className={classNames("size-1.5 rounded-full forced-color-adjust-none", dots[tone])}
        />
      ) : null}
      {children}
    </span>
  );
}
