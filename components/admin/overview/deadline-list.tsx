import Link from "next/link";
import { roleWords } from "@/components/role-words";
import { EmailAddress } from "@/components/ui/email-address";
import { Cell, Column, Row, Table, TableBody, TableHead } from "@/components/ui/table";
import { When } from "@/components/ui/when";
import type { Due } from "@/lib/oversight/overview/read-enrolment";
import { auditLink } from "../audit/audit-link";

type Props = {
  label: string;
  people: Due[];
  /** How many there are in all. */
  of: number;
  /** Whether names lead to the person's own page: administrators' alone. Else to what the log tells of them. */
  administers: boolean;
};

/** Whose deadline comes first, and how many more there are. */
export function DeadlineList({ label, people, of, administers }: Props) {
  if (people.length === 0) return null;
  return (
    <div>
      <Table label={label}>
        <TableHead>
          {["Name", "Email", "Role", "Deadline"].map((column) => (
            <Column key={column}>{column}</Column>
          ))}
        </TableHead>
        <TableBody>
          {people.map(({ id, name, email, role, by }) => (
            <Row key={id}>
              <Cell place="title" className="font-medium">
                <Link
                  href={administers ? `/admin/users/${id}` : auditLink({ person: email })}
                  prefetch={false}
                  className="underline underline-offset-4"
                >
                  {name}
                </Link>
              </Cell>
              <Cell place="line">
                <EmailAddress>{email}</EmailAddress>
              </Cell>
              <Cell place="aside">{roleWords[role]}</Cell>
              <Cell place="fact" label="Deadline">
                <When at={by} />
              </Cell>
            </Row>
          ))}
        </TableBody>
      </Table>
      {of > people.length ? (
        <p className="mt-2 text-ink-soft text-sm">and {(of - people.length).toLocaleString("en-GB")} more</p>
      ) : null}
    </div>
  );
}
