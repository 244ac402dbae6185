import { Panel } from "@/components/ui/panel";
import type { PolicyDocument } from "@/lib/policy/document";
import type { PolicyRow } from "@/lib/policy/table";
import { RuleRow } from "./rule-row";

type Props = {
  table: PolicyRow[];
  draft: PolicyDocument;
  onDraft(draft: PolicyDocument): void;
};

/** What each action asks for. What is ticked or chosen here is at least as strict as the floor below it. */
export function RuleTable({ table, draft, onDraft }: Props) {
  const groups = [...new Set(table.map(({ group }) => group))];
  return (
    <>
      {groups.map((group) => (
        <Panel key={group} title={group}>
          <div
            aria-hidden
            className="grid grid-cols-[minmax(11rem,1.3fr)_minmax(11rem,1.2fr)_minmax(12rem,1fr)_minmax(9rem,0.9fr)] gap-x-5 pb-1.5 font-medium text-ink-soft text-sm max-lg:hidden"
          >
            <span>Action</span>
            <span>Accepted factors</span>
            <span>How long a proof counts</span>
            <span>Who</span>
          </div>
          <ul aria-label={group} className="flex flex-col divide-y divide-line">
            {table
              .filter((row) => row.group === group)
              .map((row) => (
                <RuleRow key={row.action} row={row} draft={draft} onDraft={onDraft} />
              ))}
          </ul>
        </Panel>
      ))}
    </>
  );
}
