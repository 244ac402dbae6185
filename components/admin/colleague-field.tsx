import { SelectField } from "@/components/ui/field";
import type { PersonDetails } from "@/lib/people/read-person";

type Props = {
  person: PersonDetails;
  value: string;
  onChange(value: string): void;
  error: string | undefined;
};

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
      <option value="">Nobody</option>
      {colleagues.map(({ id, name }) => (
        <option key={id} value={id}>
          {name}
        </option>
      ))}
    </SelectField>
  );
}
