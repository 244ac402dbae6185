import { SelectField } from "@/components/ui/field";
import type { PersonDetails } from "@/lib/people/read-person";

type Props = {
  person: PersonDetails;
  value: string;
  onChange(value: string): void;
  error: string | undefined;
};

const nobody = "nobody";

/** Said where it was left open: nobody looks after customers only if somebody said so. */
export const chooseColleague = "Choose a colleague, or nobody.";

/** The choice as the command takes it: null for nobody; undefined where nothing was chosen. */
export function chosenColleague({ customers }: PersonDetails, value: string): string | null | undefined {
  if (customers === 0 || value === nobody) return null;
  return value || undefined;
}

/** Who looks after the customers that a person leaves. Nothing where they leave none. */
export function ColleagueField({ person, value, onChange, error }: Props) {
  const { customers, colleagues } = person;
  if (customers === 0) return null;
  return (
    <SelectField
      label={customers === 1 ? "Their customer goes to" : `Their ${customers} customers go to`}
      value={value}
      onChange={(event) => onChange(event.target.value)}
      error={error}
    >
      <option value="" disabled>
        Choose…
      </option>
      <option value={nobody}>Nobody</option>
      {colleagues.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}
