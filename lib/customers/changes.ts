import { type CustomerFields, countryName, fieldLabels } from "./fields";

export type FieldChange = { field: keyof CustomerFields; label: string; from: string; to: string };

/** The fields that differ, old → new, in the order of the form and as people read them. */
export function changesBetween(before: CustomerFields, after: CustomerFields): FieldChange[] {
  return (Object.keys(fieldLabels) as (keyof CustomerFields)[])
    .filter((field) => before[field] !== after[field])
    .map((field) => ({
      field,
      label: fieldLabels[field],
      from: shown(field, before[field]),
      to: shown(field, after[field]),
    }));
}

function shown(field: keyof CustomerFields, value: string): string {
  return field === "country" ? countryName(value) : value;
}
