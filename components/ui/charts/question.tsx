import Link from "next/link";
import type { ReactNode } from "react";
import { Panel } from "@/components/ui/panel";

type Props = {
  /** The question that the chart answers: its heading. */
  question: string;
  /** The answer in a sentence or two: what the chart says to whoever doesn't see it. */
  answer: string;
  /** The chart: for the eye alone. */
  children: ReactNode;
  /** The numbers behind it. */
  table: { columns: string[]; rows: (string | number)[][] };
  /** Where the rows behind it are listed one by one. */
  links?: { label: string; href: string }[];
  className?: string;
};

/** A chart that answers a question, first in words, and its numbers behind a disclosure. */
export function Question({ question, answer, children, table, links = [], className }: Props) {
  return (
    <Panel title={question} {...(className ? { className } : {})}>
      <p className="mb-4 text-lg">{answer}</p>
      <div aria-hidden>{children}</div>
      {links.length > 0 ? (
        <p className="mt-4 flex flex-wrap gap-x-4 text-sm">
          <span className="text-ink-soft">In the log:</span>
          {links.map(({ label, href }) => (
            <Link key={href} href={href} prefetch={false} className="underline underline-offset-4">
              {label}
            </Link>
          ))}
        </p>
      ) : null}
      <details className="mt-4">
        <summary className="inline-flex min-h-6 items-center rounded-sm text-ink-soft text-sm underline underline-offset-4 pointer-coarse:min-h-11">
          The numbers
        </summary>
        {/* Scrolls by keyboard, too, where it is wider than the screen. */}
        {/* biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls has to take the focus (WCAG 2.1.1). */}
        <section aria-label={`The numbers: ${question}`} tabIndex={0} className="mt-2 max-h-96 overflow-auto">
          <NumbersTable {...table} label={question} />
        </section>
      </details>
    </Panel>
  );
}

function NumbersTable({ columns, rows, label }: Props["table"] & { label: string }) {
  return (
    <table aria-label={label} className="w-full text-sm">
      <thead>
        <tr>
          {columns.map((column, index) => (
            <th
              key={column}
              scope="col"
              className={`border-line border-b py-1 pr-3 font-medium text-ink-soft ${index === 0 ? "text-left" : "text-right"}`}
            >
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(([first, ...rest]) => (
          <tr key={String(first)}>
            <th scope="row" className="py-1 pr-3 text-left font-normal">
              {first}
            </th>
            {rest.map((cell, index) => (
              <td key={columns[index + 1]} className="py-1 pr-3 text-right">
                {typeof cell === "number" ? cell.toLocaleString("en-GB") : cell}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}
