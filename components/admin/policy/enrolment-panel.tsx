import { roleWords } from "@/components/role-words";
import { CheckField } from "@/components/ui/check-field";
import { controlLook } from "@/components/ui/field";
import { Panel } from "@/components/ui/panel";
import type { Role } from "@/db/schema/people";
import type { PolicyDocument } from "@/lib/policy/document";
import { withEnrolment } from "./draft";

type Props = { draft: PolicyDocument; onDraft(draft: PolicyDocument): void };

const usualDays = 14;
const mostDays = 365;

/** Which roles must have a second factor, and how long each person has to set one up. */
export function EnrolmentPanel({ draft, onDraft }: Props) {
  return (
    <Panel title="Who must set up a second factor">
      <p className="mb-3 text-ink-soft text-sm">
        Each person without one has so many days from now, from their first day or from a reset. They are
        reminded; after it they can set one up, and nothing else.
      </p>
      <ul className="flex flex-col gap-1.5">
        {(Object.keys(roleWords) as Role[]).map((role) => (
          <Demand key={role} role={role} draft={draft} onDraft={onDraft} />
        ))}
      </ul>
    </Panel>
  );
}

function Demand({ role, draft, onDraft }: Props & { role: Role }) {
  const days = draft.enrolment[role]?.graceDays;
  return (
    <li className="flex min-h-11 flex-wrap items-center gap-x-4 gap-y-1">
      <CheckField
        className="min-w-36"
        label={roleWords[role]}
        aria-label={`Every ${roleWords[role]} must have a second factor`}
        checked={days !== undefined}
        onChange={(event) => onDraft(withEnrolment(draft, role, event.target.checked ? usualDays : null))}
      />
      {days === undefined ? null : (
        <label className="inline-flex items-center gap-2 text-sm">
          within
          <input
            type="number"
            min={0}
            max={mostDays}
            aria-label={`Days for every ${roleWords[role]}`}
            value={days}
            onChange={(event) => onDraft(withEnrolment(draft, role, daysOf(event.target.value)))}
            className={`${controlLook} w-20`}
          />
          days
        </label>
      )}
    </li>
  );
}

/** Whatever is typed, a number of days that a policy can have. */
function daysOf(typed: string): number {
  return Math.min(mostDays, Math.max(0, Math.round(Number(typed)) || 0));
}
