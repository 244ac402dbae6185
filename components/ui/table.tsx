import { ArrowDown, ArrowUp } from "lucide-react";
import Link from "next/link";
import type { ComponentProps, ReactNode } from "react";
import { classNames } from "./class-names";

/*
 * A dense table. The head stays below the page's header while the rows scroll; on phones each row becomes a card, where
 * every cell says its place. `display: grid` and `block` take a table's meaning away in some browsers: the roles that
 * look redundant give it back.
 */
const roles = {
  table: { role: "table" },
  rowgroup: { role: "rowgroup" },
  row: { role: "row" },
  columnheader: { role: "columnheader" },
  cell: { role: "cell" },
} as const;

type TableProps = {
  /** Its accessible name. */
  label: string;
  children: ReactNode;
};

/** The frame and the table in it. */
export function Table({ label, children }: TableProps) {
  return (
    <div className="md:max-lg:overflow-x-auto rounded-lg border border-line bg-surface shadow-low">
      <table
        {...roles.table}
        aria-label={label}
        className="w-full border-separate border-spacing-0 text-left max-md:block"
      >
        {children}
      </table>
    </div>
  );
}

/** The row of column headings. */
export function TableHead({ children }: { children: ReactNode }) {
  return (
    <thead {...roles.rowgroup} className="max-md:sr-only">
      <tr {...roles.row}>{children}</tr>
    </thead>
  );
}

type ColumnProps = {
  children: ReactNode;
  numeric?: boolean;
  /** Which way the list is sorted by this column now. */
  sorted?: "ascending" | "descending" | undefined;
  /** Where a click leads that sorts by it, or turns the order. */
  sortHref?: string | undefined;
};

/** A column's heading; a link where the list can be sorted by it. */
export function Column({ children, numeric = false, sorted, sortHref }: ColumnProps) {
  const Arrow = sorted === "descending" ? ArrowDown : ArrowUp;
  return (
    <th
      {...roles.columnheader}
      scope="col"
      aria-sort={sorted}
      className={classNames(
        "sticky top-(--header-height,0) z-10 h-9 border-line border-b bg-surface px-3 font-medium text-ink-soft text-sm whitespace-nowrap first:rounded-tl-lg last:rounded-tr-lg",
        numeric && "text-right",
      )}
    >
      {sortHref ? (
        <Link
          href={sortHref}
          prefetch={false}
          className="group/sort -mx-1.5 inline-flex min-h-7 items-center gap-1 rounded-sm px-1.5 hover:bg-sunken hover:text-ink"
        >
          {children}
          <Arrow
            aria-hidden
            className={classNames("size-3.5", !sorted && "opacity-0 group-hover/sort:opacity-60")}
          />
        </Link>
      ) : (
        children
      )}
    </th>
  );
}

/** The rows. */
export function TableBody({ children }: { children: ReactNode }) {
  return (
    <tbody {...roles.rowgroup} className="max-md:block">
      {children}
    </tbody>
  );
}

/** One row; a card on phones. */
export function Row({ children }: { children: ReactNode }) {
  return (
    <tr
      {...roles.row}
      className="group hover:bg-sunken/70 has-focus-visible:bg-sunken/70 max-md:relative max-md:grid max-md:grid-cols-[minmax(0,1fr)_auto] max-md:items-center max-md:gap-x-3 max-md:border-line max-md:border-b max-md:px-4 max-md:py-2.5 max-md:last:border-b-0"
    >
      {children}
    </tr>
  );
}

/** Where a cell stands in a phone's card: title and aside above, the line and its end below, facts with their label. */
type Place = "title" | "aside" | "line" | "line-end" | "fact" | "hidden";

const places: Record<Place, string> = {
  title: "max-md:order-1 max-md:col-start-1 max-md:font-medium",
  aside: "max-md:order-2 max-md:col-start-2 max-md:text-right",
  line: "max-md:order-3 max-md:col-start-1 max-md:text-ink-soft max-md:text-sm",
  "line-end": "max-md:order-4 max-md:col-start-2 max-md:text-right max-md:text-ink-soft max-md:text-sm",
  fact: "max-md:order-5 max-md:col-span-2 max-md:flex max-md:justify-between max-md:gap-4 max-md:text-sm max-md:before:text-ink-soft max-md:before:content-[attr(data-label)]",
  hidden: "max-md:hidden",
};

type CellProps = Omit<ComponentProps<"td">, "role"> & {
  place?: Place;
  /** The column's heading once more, for the place `fact`. */
  label?: string;
  numeric?: boolean;
  /** Of less weight than the rest. */
  soft?: boolean;
};

/** One cell. */
export function Cell({
  place = "line",
  label,
  numeric = false,
  soft = false,
  className,
  ...rest
}: CellProps) {
  return (
    <td
      {...rest}
      {...roles.cell}
      data-label={label}
      className={classNames(
        "h-10 min-w-0 px-3 max-md:h-auto max-md:px-0 max-md:py-0.5 md:border-line md:border-b md:group-last:border-b-0",
        places[place],
        numeric && "text-right",
        soft && "text-ink-soft",
        className,
      )}
    />
  );
}

/**
 * The link in a row's first cell that opens what the row is about. On phones the whole card leads there. Not prefetched: fifty
 * would go out at once.
 */
export function RowLink({ className, ...rest }: ComponentProps<typeof Link>) {
  return (
    <Link
      prefetch={false}
      {...rest}
      className={classNames(
        "inline-flex min-h-6 items-center font-medium underline-offset-4 hover:underline max-md:after:absolute max-md:after:inset-0",
        className,
      )}
    />
  );
}
