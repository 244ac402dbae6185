import { useId } from "react";
import { roleWords } from "@/components/role-words";
import { CheckField } from "@/components/ui/check-field";
import { SelectField } from "@/components/ui/field";
import type { PolicyDocument } from "@/lib/policy/document";
import type { PolicyRow, RowFactor } from "@/lib/policy/table";
import {
  accepts,
  ageOf,
  isOn,
  isOpenTo,
  offersAge,
  refusesProbation,
  withAge,
  withFactor,
  withProbation,
  withRole,
} from "./draft";

type Props = { row: PolicyRow; draft: PolicyDocument; onDraft(draft: PolicyDocument): void };

/** One action's rule, its floor in words below its name. */
export function RuleRow({ row, draft, onDraft }: Props) {
  const heading = useId();
  return (
    <li>
      <fieldset
        aria-labelledby={heading}
        className="grid grid-cols-[minmax(11rem,1.3fr)_minmax(11rem,1.2fr)_minmax(12rem,1fr)_minmax(9rem,0.9fr)] gap-x-5 gap-y-3 py-3 max-lg:grid-cols-2 max-sm:grid-cols-1"
      >
        <div className="max-lg:col-span-2 max-sm:col-span-1">
          <p id={heading} className="font-medium">
            {row.label}
          </p>
          <p className="text-ink-soft text-sm">At least: {floorWords(row)}</p>
        </div>
        <Factors row={row} draft={draft} onDraft={onDraft} />
        <Age row={row} draft={draft} onDraft={onDraft} />
        <Roles row={row} draft={draft} onDraft={onDraft} />
      </fieldset>
    </li>
  );
}

function Factors({ row, draft, onDraft }: Props) {
  if (row.factors.length === 0)
    return <p className="text-ink-soft text-sm">Password, and the mailed code where mail is set up</p>;
  const accepted = row.factors.filter((factor) => accepts(draft, row, factor));
  // What is off unless somebody switches it on would be a line of noise in every row.
  const shown = row.factors.filter((factor) => isOn(draft, factor) || factor.onByDefault);
  const bound = ageOf(draft, row) === "input";
  return (
    <div>
      {shown.map((factor) => (
        <CheckField
          key={factor.name}
          label={isOn(draft, factor) ? labelOf(factor) : `${factor.label} (off for everybody)`}
          aria-label={`${factor.label} for ${row.label}`}
          checked={accepted.includes(factor)}
          // The last one stays: an action that accepts nothing is one that nobody does.
          disabled={
            !isOn(draft, factor) ||
            (bound && factor.bySessionOnly) ||
            (accepted.length === 1 && accepted.includes(factor))
          }
          onChange={(event) => onDraft(withFactor(draft, row, factor.name, event.target.checked))}
        />
      ))}
      {row.also
        .filter((factor) => isOn(draft, factor))
        .map(({ name, label }) => (
          <p key={name} className="text-ink-soft text-sm">
            or a {label.toLowerCase()}
          </p>
        ))}
    </div>
  );
}

function Age(props: Props) {
  const { row, draft, onDraft } = props;
  return (
    <div className="flex flex-col gap-1.5">
      {row.binding === "input" ? (
        <p className="text-ink-soft text-sm">Each time, for exactly what is changed</p>
      ) : (
        <HowLong {...props} />
      )}
      {/* A password is never on probation. */}
      {row.probation && row.factors.length > 0 ? (
        <CheckField
          label="Not on probation"
          aria-label={`Not on probation for ${row.label}`}
          checked={refusesProbation(draft, row)}
          onChange={(event) => onDraft(withProbation(draft, row, event.target.checked))}
        />
      ) : null}
    </div>
  );
}

function HowLong({ row, draft, onDraft }: Props) {
  const age = ageOf(draft, row);
  return (
    <SelectField
      label="Counts for"
      // The column's heading says it where there are columns.
      className="lg:[&>div:first-child]:sr-only"
      aria-label={`How long a proof counts for ${row.label}`}
      value={age}
      onChange={(event) => onDraft(withAge(draft, row, event.target.value))}
    >
      {row.ages.map(({ seconds, label }) => (
        <option key={seconds} value={seconds}>
          {label}
        </option>
      ))}
      {offersAge(row, age) ? null : <option value={age}>{age} seconds</option>}
      {row.bindable ? <option value="input">Exactly this, each time</option> : null}
    </SelectField>
  );
}

function labelOf({ label, exceptFor }: RowFactor): string {
  const not = exceptFor.map((role) => roleWords[role].toLowerCase()).join(" or ");
  return not ? `${label} (not for ${not})` : label;
}

/** What is chosen from what the floor accepts. */
const strongestWords: Record<PolicyRow["choose"], string> = {
  any: "",
  strongest: " (the strongest that the person has)",
  "strongest-settled": " (the strongest that the person has, off probation)",
  "strongest-ever": " (the strongest that the person ever had)",
};

function Roles({ row, draft, onDraft }: Props) {
  if (row.roles.length === 0) return <p className="text-ink-soft text-sm">Everybody, for themselves</p>;
  const open = row.roles.filter((role) => isOpenTo(draft, row, role));
  return (
    <div>
      {row.roles.map((role) => (
        <CheckField
          key={role}
          label={roleWords[role]}
          aria-label={`${roleWords[role]} for ${row.label}`}
          checked={isOpenTo(draft, row, role)}
          disabled={role === "administrator" || (open.length === 1 && open[0] === role)}
          onChange={(event) => onDraft(withRole(draft, row, role, event.target.checked))}
        />
      ))}
    </div>
  );
}

function floorWords({ factors, also, choose, whenNone, binding, ages, probation }: PolicyRow): string {
  const usual = [...factors, ...also].filter(({ onByDefault }) => onByDefault);
  const any = usual.map(({ label }) => label.toLowerCase()).join(" or ");
  const none = whenNone ? "the password while there is no second factor" : "";
  const by = [any && `${any}${strongestWords[choose]}`, none].filter(Boolean).join(", ");
  const age = binding === "input" ? "for exactly this" : `${ages[0]?.label}`;
  return [by, age, ...(probation ? [] : ["not on probation"])].join(", ");
}
