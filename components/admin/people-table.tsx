import { roleWords } from "@/components/role-words";
import { EmailAddress } from "@/components/ui/email-address";
import { Badge } from "@/components/ui/notice";
import { Cell, Column, Row, RowLink, Table, TableBody, TableHead } from "@/components/ui/table";
import { When } from "@/components/ui/when";
import type { ListedPerson } from "@/lib/people/read-list";
import { factorWords } from "@/lib/step-up/factor-words";

/** Who works here; each name leads to what can be done about them. */
export function PeopleTable({ people }: { people: ListedPerson[] }) {
  return (
    <Table label="People">
      <TableHead>
        {["Name", "Email", "Role", "Team", "Second factor", "Last activity"].map((label) => (
          <Column key={label} sorted={label === "Name" ? "ascending" : undefined}>
            {label}
          </Column>
        ))}
      </TableHead>
      <TableBody>
        {people.map((person) => (
          <PersonRow key={person.id} person={person} />
        ))}
      </TableBody>
    </Table>
  );
}

function PersonRow({ person }: { person: ListedPerson }) {
  const { id, name, email, role, team, disabled, asksForHelp, factors, lastSeenAt } = person;
  return (
    <Row>
      <Cell place="title">
        <span className="inline-flex flex-wrap items-center gap-x-2">
          <RowLink href={`/admin/users/${id}`}>{name}</RowLink>
          {disabled ? <Badge tone="danger">disabled</Badge> : null}
          {asksForHelp ? <Badge tone="warn">asks for help</Badge> : null}
        </span>
      </Cell>
      <Cell place="line">
        <EmailAddress>{email}</EmailAddress>
      </Cell>
      <Cell place="aside">{roleWords[role]}</Cell>
      <Cell place="fact" label="Team">
        {team ?? <span className="text-ink-soft">none</span>}
      </Cell>
      <Cell place="fact" label="Second factor">
        <SecondFactor factors={factors} />
      </Cell>
      <Cell place="fact" label="Last activity" soft>
        {lastSeenAt ? <When at={lastSeenAt} /> : "never"}
      </Cell>
    </Row>
  );
}

function SecondFactor({ factors }: Pick<ListedPerson, "factors">) {
  if (factors.length === 0) return <Badge tone="warn">none yet</Badge>;
  return <Badge tone="open">{factors.map((factor) => factorWords[factor].label).join(", ")}</Badge>;
}
