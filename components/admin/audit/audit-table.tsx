"use client";

import { EmailAddress } from "@/components/ui/email-address";
import { Badge } from "@/components/ui/notice";
import { Cell, Column, Row, RowLink, Table, TableBody, TableHead } from "@/components/ui/table";
import { WhenExactly } from "@/components/ui/when";
import type { AuditFilter } from "@/lib/oversight/filter";
import type { LogRow } from "@/lib/oversight/select-rows";
import { wordsOfFactor } from "@/lib/step-up/factor-words";
import { auditLink } from "./audit-link";
import { outcomeWords } from "./words";

/** What a row of the table needs of a row of the log: the browser gets no more. */
export type ListedRow = Pick<
  LogRow,
  "id" | "at" | "summary" | "outcome" | "factor" | "address" | "isDemo" | "record"
> & { email: string | null };

const columns = ["When", "What happened", "Who", "Record", "Outcome", "Factor", "Address"];

/** The log, the newest row first; on phones each row is a card. */
export function AuditTable({ rows, filter }: { rows: ListedRow[]; filter: AuditFilter }) {
  return (
    <Table label="Audit log">
      <TableHead>
        {columns.map((label) => (
          <Column key={label}>{label}</Column>
        ))}
      </TableHead>
      <TableBody>
        {rows.map((row) => (
          <AuditRow key={row.id} row={row} href={auditLink(filter, { row: row.id })} />
        ))}
      </TableBody>
    </Table>
  );
}

function AuditRow({ row, href }: { row: ListedRow; href: string }) {
  const { word, tone } = outcomeWords[row.outcome];
  return (
    <Row>
      <Cell place="line" soft>
        <WhenExactly at={row.at} />
      </Cell>
      <Cell place="title" className="py-2">
        <RowLink href={href}>{row.summary}</RowLink>{" "}
        {row.isDemo ? <Badge>demo history, unsigned</Badge> : null}
      </Cell>
      <Cell place="fact" label="Who" className="md:min-w-44">
        {row.email ? (
          <EmailAddress>{row.email}</EmailAddress>
        ) : (
          <span className="text-ink-soft">not signed in</span>
        )}
      </Cell>
      <Cell place="fact" label="Record" className="whitespace-nowrap">
        <RecordName record={row.record} />
      </Cell>
      <Cell place="aside">
        <Badge tone={tone}>{word}</Badge>
      </Cell>
      <Cell place="fact" label="Factor" className="whitespace-nowrap">
        {row.factor ? wordsOfFactor(row.factor).label : <span className="text-ink-soft">none</span>}
      </Cell>
      <Cell place="fact" label="Address" soft>
        {row.address ?? "none"}
      </Cell>
    </Row>
  );
}

/** A record by its number; where it has none, by its type and the beginning of its id. */
function RecordName({ record }: Pick<LogRow, "record">) {
  if (!record) return <span className="text-ink-soft">none</span>;
  if (record.number) return record.number;
  return (
    <span title={record.id ?? undefined}>
      {record.type} {record.id ? <span className="text-ink-soft">{record.id.slice(0, 8)}</span> : null}
    </span>
  );
}
