import { roleWords } from "@/components/role-words";
import { Badge } from "@/components/ui/notice";
import { Cell, Column, Row, Table, TableBody, TableHead } from "@/components/ui/table";
import { When } from "@/components/ui/when";
import type { Deadlines } from "@/lib/oversight/overview/read-enrolment";

/** Whose deadline is first. */
export function DeadlineList({ next }: Pick<Deadlines, "next">) {
  return (
    <Table label="Deadlines for a second factor">
      <TableHead>
        {["Name", "Email", "Role", "Deadline"].map((label) => (
          <Column key={label}>{label}</Column>
        ))}
      </TableHead>
      <TableBody>
        {next.map(({ id, name, email, role, by, isOverdue }) => (
          <Row key={id}>
            <Cell place="title" className="font-medium">
              {name}
            </Cell>
            <Cell place="line" className="break-all">
              {email}
            </Cell>
            <Cell place="aside">{roleWords[role]}</Cell>
            <Cell place="fact" label="Deadline">
              <When at={by} /> {isOverdue ? <Badge tone="warn">overdue</Badge> : null}
            </Cell>
          </Row>
        ))}
      </TableBody>
    </Table>
  );
}
