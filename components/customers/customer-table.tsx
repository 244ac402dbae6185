import Link from "next/link";
import { Day } from "@/components/ui/when";
import type { CustomerList } from "@/lib/customers/read-list";
import { type ListQuery, listLink } from "./list-link";
import { Status } from "./status";

const columns = [
  { sort: "name", label: "Company" },
  { sort: "number", label: "Number" },
  { sort: null, label: "Status" },
  { sort: "city", label: "City" },
  { sort: null, label: "Contact" },
  { sort: null, label: "Account manager" },
  { sort: null, label: "Contracts" },
  { sort: "updated", label: "Updated" },
] as const;

/** The dense list; on phones each row becomes a card. Row links are not prefetched: fifty would go out at once. */
export function CustomerTable({ list, query }: { list: CustomerList; query: ListQuery }) {
  return (
    <div className="overflow-x-auto rounded-lg border border-line bg-surface">
      <table aria-label="Customers" className="w-full border-collapse text-left max-md:block">
        <thead className="border-line border-b text-sm max-md:sr-only">
          <tr>
            {columns.map(({ sort, label }) => (
              <th
                key={label}
                scope="col"
                aria-sort={ariaSort(sort, list)}
                className="px-3 py-2 font-medium text-ink-soft whitespace-nowrap last:text-right"
              >
                {sort ? <SortLink sort={sort} label={label} list={list} query={query} /> : label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="max-md:block">
          {list.rows.map((row) => (
            <tr
              key={row.id}
              className="border-line border-b last:border-b-0 hover:bg-sunken max-md:grid max-md:grid-cols-[1fr_auto] max-md:gap-x-3 max-md:px-3 max-md:py-2"
            >
              <td className="px-3 py-1.5 max-md:px-0">
                <Link
                  href={`/customers/${row.id}`}
                  prefetch={false}
                  className="font-medium underline-offset-4 hover:underline max-md:inline-flex max-md:min-h-9 max-md:items-center"
                >
                  {row.name}
                </Link>
              </td>
              <td className="px-3 py-1.5 whitespace-nowrap text-ink-soft max-md:order-3 max-md:px-0">
                {row.number}
              </td>
              <td className="px-3 py-1.5 max-md:order-2 max-md:px-0 max-md:text-right">
                <Status status={row.status} />
              </td>
              <td className="px-3 py-1.5 max-md:order-4 max-md:px-0 max-md:text-right">
                {row.city}
                {row.city ? ", " : ""}
                {row.country}
              </td>
              <td className="px-3 py-1.5 max-md:hidden">{row.primaryContact}</td>
              <td className="px-3 py-1.5 max-md:hidden">{row.accountManager}</td>
              <td className="px-3 py-1.5 max-md:hidden">{row.contractCount}</td>
              <td className="px-3 py-1.5 text-right text-ink-soft max-md:hidden">
                <Day on={row.updatedAt.toISOString().slice(0, 10)} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function SortLink({
  sort,
  label,
  list,
  query,
}: {
  sort: string;
  label: string;
  list: CustomerList;
  query: ListQuery;
}) {
  const current = list.sort === sort;
  const direction = current ? (list.direction === "asc" ? "desc" : "asc") : undefined;
  return (
    <Link
      href={listLink(query, { sort, direction })}
      prefetch={false}
      className="inline-flex min-h-6 items-center gap-1 text-ink underline-offset-4 hover:underline"
    >
      {label}
      <span aria-hidden>{current ? (list.direction === "asc" ? "↑" : "↓") : ""}</span>
    </Link>
  );
}

function ariaSort(sort: string | null, list: CustomerList): "ascending" | "descending" | undefined {
  if (sort !== list.sort) return undefined;
  return list.direction === "asc" ? "ascending" : "descending";
}
