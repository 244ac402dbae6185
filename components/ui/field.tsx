import type { ComponentProps, ReactNode } from "react";
import { useId } from "react";
import { classNames } from "./class-names";

const control =
  "w-full rounded-md border bg-surface px-2.5 py-1.5 min-h-9 max-sm:min-h-11 text-ink aria-invalid:border-danger border-line-strong";

type FieldProps = {
  label: string;
  hint?: ReactNode;
  /** One sentence; announced when it appears. */
  error?: string | null | undefined;
};

/** One line of text with its label, hint and error, wired for assistive technology. */
export function TextField({ label, hint, error, className, id, ...rest }: ComponentProps<"input"> & FieldProps) {
  const own = useId();
  const field = id ?? own;
  const describedBy = [hint ? `${field}-hint` : null, error ? `${field}-error` : null].filter(Boolean).join(" ");
  return (
    <Frame field={field} label={label} hint={hint} error={error} className={className}>
      <input {...rest} id={field} aria-invalid={error ? true : undefined} aria-describedby={describedBy || undefined} className={control} />
    </Frame>
  );
}

/** A choice from a short list. */
export function SelectField({ label, hint, error, className, id, children, ...rest }: ComponentProps<"select"> & FieldProps) {
  const own = useId();
  const field = id ?? own;
  const describedBy = [hint ? `${field}-hint` : null, error ? `${field}-error` : null].filter(Boolean).join(" ");
  return (
    <Frame field={field} label={label} hint={hint} error={error} className={className}>
      <select {...rest} id={field} aria-invalid={error ? true : undefined} aria-describedby={describedBy || undefined} className={control}>
        {children}
      </select>
    </Frame>
  );
}

function Frame({ field, label, hint, error, className, children }: FieldProps & { field: string; className?: string | undefined; children: ReactNode }) {
  return (
    <div className={classNames("flex flex-col gap-1", className)}>
      <label htmlFor={field} className="font-medium text-sm">
        {label}
      </label>
      {children}
      {hint ? (
        <p id={`${field}-hint`} className="text-ink-soft text-sm">
          {hint}
        </p>
      ) : null}
      {error ? (
        <p id={`${field}-error`} role="alert" className="text-danger text-sm">
          {error}
        </p>
      ) : null}
    </div>
  );
}
