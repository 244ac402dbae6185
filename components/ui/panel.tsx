import { type ReactNode, useId } from "react";
import { classNames } from "./class-names";

type Props = {
  title: string;
  /** How many things are in it, beside the title. */
  count?: number;
  action?: ReactNode;
  children: ReactNode;
  className?: string;
};

/** A region of a page under its own heading. */
export function Panel({ title, count, action, children, className }: Props) {
  const id = useId();
  return (
    <section
      aria-labelledby={id}
      className={classNames("min-w-0 rounded-lg border border-line bg-surface shadow-low", className)}
    >
      <div className="flex min-h-12 flex-wrap items-center justify-between gap-x-3 gap-y-1 border-line border-b px-4 py-1.5">
        <div className="flex items-baseline gap-2">
          <h2 id={id} className="font-semibold">
            {title}
          </h2>
          {count === undefined ? null : <span className="text-ink-soft text-sm">{count}</span>}
        </div>
        {action}
      </div>
      <div className="p-4">{children}</div>
    </section>
  );
}

/** Names and values of one thing. Empty values are said, not left blank. */
export function Facts({ facts }: { facts: { label: string; value: ReactNode }[] }) {
  return (
    <dl className="grid grid-cols-[minmax(7rem,auto)_1fr] gap-x-4 gap-y-1.5 max-sm:grid-cols-1 max-sm:gap-y-0">
      {facts.map(({ label, value }) => (
        <div key={label} className="contents">
          <dt className="text-ink-soft max-sm:text-sm">{label}</dt>
          <dd className="min-w-0 break-words max-sm:mb-2.5 [&>a]:-my-1 [&>a]:inline-block [&>a]:max-w-full [&>a]:py-1 pointer-coarse:[&>a]:-my-2 pointer-coarse:[&>a]:py-3">
            {value || <span className="text-ink-soft">not given</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
