"use client";

import type { FieldErrors, UseFormRegister } from "react-hook-form";
import { TextField } from "@/components/ui/field";
import type { CustomerFields } from "@/lib/customers/fields";

const inputs: {
  name: keyof CustomerFields;
  label: string;
  type?: string;
  autoComplete?: string;
  className: string;
}[] = [
  { name: "name", label: "Company name", className: "sm:col-span-6" },
  { name: "email", label: "Email", type: "email", className: "sm:col-span-3" },
  { name: "phone", label: "Phone", type: "tel", className: "sm:col-span-3" },
  { name: "street", label: "Street", className: "sm:col-span-6" },
  { name: "postalCode", label: "Postal code", className: "sm:col-span-1" },
  { name: "city", label: "City", className: "sm:col-span-3" },
  { name: "country", label: "Country", className: "sm:col-span-2" },
];

type Props = { register: UseFormRegister<CustomerFields>; errors: FieldErrors<CustomerFields> };

/** The fields of a company, the same for a new one and for an edit. */
export function CustomerFieldInputs({ register, errors }: Props) {
  return (
    <div className="grid gap-4 sm:grid-cols-6">
      {inputs.map(({ name, label, type = "text", className }) => (
        // These are a customer's data: the browser must not offer the person's own.
        <TextField
          key={name}
          label={label}
          type={type}
          autoComplete="off"
          className={className}
          error={errors[name]?.message}
          {...register(name)}
        />
      ))}
    </div>
  );
}

/** The server's errors at the form's fields; `prefix` is where the fields stand in the action's input. */
export function fieldErrorsOf(
  fields: Record<string, string>,
  prefix: string,
): [keyof CustomerFields, string][] {
  return inputs.flatMap(({ name }): [keyof CustomerFields, string][] => {
    const text = fields[prefix + name];
    return text ? [[name, text]] : [];
  });
}

export const fieldLabel = (name: keyof CustomerFields): string =>
  inputs.find((one) => one.name === name)?.label ?? name;
export const fieldOrder: (keyof CustomerFields)[] = inputs.map(({ name }) => name);
