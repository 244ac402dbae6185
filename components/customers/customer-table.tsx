"use client";

import { Cell, Column, Row, RowLink, Table, TableBody, TableHead } from "@/components/ui/table";
import { Day } from "@/components/ui/when";
import type { ListSort } from "@/lib/customers/list-order";
import type { CustomerList, CustomerListRow } from "@/lib/customers/read-list";
import { type ListQuery, listLink } from "./list-link";
import { Status } from "./status";

const columns: { label: string; sort?: ListSort; numeric?: boolean }[] = [
  { label: "Company", sort: "name" },
  { label: "Number", sort: "number" },
  { label: "Status" },
  { label: "City", sort: "city" },
  { label: "Contact" },
  { label: "Account manager" },
  { label: "Contracts", numeric: true },
  { label: "Updated", sort: "updated", numeric: true },
];

/**
 * The dense list; on phones each row becomes a card. Rendered from its rows, on the server and in the browser: as
 * a server component every cell would be sent twice, as HTML and as the component's output.
 */
export function CustomerTable({ list, query }: { list: CustomerList; query: ListQuery }) {
  return (
    <Table label="Customers">
      <TableHead>
        {columns.map(({ label, sort, numeric = false }) => (
          <Column
            key={label}
            numeric={numeric}
            sorted={sorted(sort, list)}
            sortHref={sort ? listLink(query, { sort, direction: turned(sort, list) }) : undefined}
          >
            {label}
          </Column>
        ))}
      </TableHead>
      <TableBody>
        {list.rows.map((row) => (
          <CustomerRow key={row.id} row={row} />
        ))}
      </TableBody>
    </Table>
  );
}

function CustomerRow({ row }: { row: CustomerListRow }) {
  return (
    <Row>
      <Cell place="title">
        <RowLink href={`/customers/${row.id}`}>{row.name}</RowLink>
      </Cell>
      <Cell place="line" soft>
        {row.number}
      </Cell>
      <Cell place="aside">
        <Status status={row.status} />
      </Cell>
      <Cell place="line-end">{[row.city, row.country].filter(Boolean).join(", ")}</Cell>
      <Cell place="hidden">{row.primaryContact}</Cell>
      <Cell place="hidden">{row.accountManager}</Cell>
      <Cell place="hidden" numeric>
        {row.contractCount}
      </Cell>
      <Cell place="hidden" numeric soft>
        <Day on={row.updatedAt.toISOString().slice(0, 10)} />
      </Cell>
    </Row>
  );
}

function sorted(sort: ListSort | undefined, list: CustomerList): "ascending" | "descending" | undefined {
  if (sort !== list.sort) return undefined;
  return list.direction === "asc" ? "ascending" : "descending";
}

/** A click on the column that sorts turns its order; on another one, that one's usual order. */
function turned(sort: ListSort, list: CustomerList): "asc" | "desc" | undefined {
  if (sort !== list.sort) return undefined;
  return list.direction === "asc" ? "desc" : "asc";
}
