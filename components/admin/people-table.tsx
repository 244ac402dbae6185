import { roleWords } from "@/components/role-words";
import { Badge } from "@/components/ui/notice";
import { Cell, Column, Row, Table, TableBody, TableHead } from "@/components/ui/table";
import { When } from "@/components/ui/when";
import type { ListedPerson } from "@/lib/people/read-people";

const kindWords = { totp: "authenticator app", passkey: "passkey" } as const;

/** Who works here. */
export function PeopleTable({ people }: { people: ListedPerson[] }) {
  return (
    <Table label="People">
      <TableHead>
        {["Name", "Email", "Role", "Team", "Second factor", "Last sign-in"].map((label) => (
          <Column key={label}>{label}</Column>
        ))}
      </TableHead>
      <TableBody>
        {people.map((person) => (
          <Row key={person.id}>
            <Cell place="title" className="font-medium">
              {person.name}
            </Cell>
            <Cell place="line" className="break-all">
              {person.email}
            </Cell>
            <Cell place="aside">{roleWords[person.role]}</Cell>
            <Cell place="fact" label="Team">
              {person.team ?? <span className="text-ink-soft">none</span>}
            </Cell>
            <Cell place="fact" label="Second factor">
              <SecondFactor factors={person.factors} />
            </Cell>
            <Cell place="fact" label="Last sign-in" soft>
              {person.lastSignInAt ? <When at={person.lastSignInAt} /> : "never"}
            </Cell>
          </Row>
        ))}
      </TableBody>
    </Table>
  );
}

function SecondFactor({ factors }: Pick<ListedPerson, "factors">) {
  if (factors.length === 0) return <Badge tone="warn">none yet</Badge>;
  return <Badge tone="open">{factors.map((factor) => kindWords[factor]).join(", ")}</Badge>;
}
