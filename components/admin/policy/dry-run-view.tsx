import { Cell, Column, Row, Table, TableBody, TableHead } from "@/components/ui/table";
import type { DryRun, DryRunRow } from "@/lib/policy/dry-run";

type Props = { dryRun: DryRun; labels: Record<string, string> };

/** Whom a draft would hit: counted over the people who are here and what they did lately, without a name. */
export function DryRunView({ dryRun, labels }: Props) {
  const rows = dryRun.rows.filter(({ action }) => labels[action]);
  const { atOnce, byDeadline } = dryRun.demanded;
  const told = [
    ...rows.filter(isChanged).map((row) => sentence(row, labels[row.action] ?? row.action)),
    ...(atOnce > 0
      ? [`${counted(atOnce)} would be stopped at once, until they set up a second factor.`]
      : []),
    ...(byDeadline > 0 ? [`${counted(byDeadline)} would get a deadline for a second factor.`] : []),
  ];
  return (
    <section aria-label="Dry run" className="flex flex-col gap-2">
      <h3 className="font-semibold">Whom it would hit</h3>
      {told.length === 0 ? (
        <p>Nobody would notice: nobody is stopped, and nobody is asked more often.</p>
      ) : (
        <ul className="flex list-disc flex-col gap-1 pl-5">
          {told.map((one) => (
            <li key={one}>{one}</li>
          ))}
        </ul>
      )}
      <p className="text-ink-soft text-sm">
        Replayed: {dryRun.decisions} decisions and sign-ins of the last{" "}
        {dryRun.days === 1 ? "day" : `${dryRun.days} days`}
        {dryRun.cut ? ", the newest ones" : ""}, through the same code that decides. Clicks that found the
        session unlocked are not in the log, and not counted.
      </p>
      <details>
        <summary className="inline-flex min-h-6 cursor-pointer items-center text-sm underline underline-offset-4 pointer-coarse:min-h-11">
          All figures
        </summary>
        <div className="pt-2">
          <Figures rows={rows} labels={labels} />
        </div>
      </details>
    </section>
  );
}

function Figures({ rows, labels }: { rows: DryRunRow[]; labels: Props["labels"] }) {
  return (
    <Table label="Dry run">
      <TableHead>
        <Column>Action</Column>
        <Column numeric>People</Column>
        <Column numeric>Can't confirm today</Column>
        <Column numeric>Would have been blocked</Column>
        <Column numeric>Prompts a day</Column>
      </TableHead>
      <TableBody>
        {rows.map((row) => (
          <Row key={row.action}>
            <Cell place="title">{labels[row.action]}</Cell>
            <Cell place="fact" label="People" numeric>
              {row.people}
            </Cell>
            <Cell place="fact" label="Can't confirm today" numeric>
              {pair(row.unable)}
            </Cell>
            <Cell place="fact" label="Would have been blocked" numeric>
              {pair(row.stopped)}
            </Cell>
            <Cell place="fact" label="Prompts a day" numeric>
              {pair(row.promptsADay)}
            </Cell>
          </Row>
        ))}
      </TableBody>
    </Table>
  );
}

type Pair = { before: number; after: number };

function isChanged({ unable, stopped, promptsADay }: DryRunRow): boolean {
  return [unable, stopped, promptsADay].some(({ before, after }) => rounded(before) !== rounded(after));
}

/** "View a contract: 14 of 60 people could not (now 0); 212 more prompts a day." */
function sentence({ action, people, unable, stopped, promptsADay }: DryRunRow, label: string): string {
  const parts: string[] = [];
  if (unable.after !== unable.before)
    parts.push(`${unable.after} of ${counted(people)} could not (now ${unable.before})`);
  const more = rounded(Math.abs(promptsADay.after - promptsADay.before));
  const what = action === "session.finish-sign-in" ? "sign-ins a day would ask" : "prompts a day";
  if (more !== 0) parts.push(`${more} ${promptsADay.after > promptsADay.before ? "more" : "fewer"} ${what}`);
  if (stopped.after !== stopped.before)
    parts.push(`${stopped.after} of those who did it lately would have been blocked (now ${stopped.before})`);
  return `${label}: ${parts.join("; ")}.`;
}

function counted(people: number): string {
  return people === 1 ? "1 person" : `${people} people`;
}

function pair({ before, after }: Pair): string {
  return rounded(before) === rounded(after)
    ? String(rounded(before))
    : `${rounded(before)} → ${rounded(after)}`;
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}
