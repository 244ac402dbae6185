import { ChevronDown } from "lucide-react";
import type { ComponentProps, ReactNode } from "react";
import { useId } from "react";
import { classNames } from "./class-names";

/** How everything that is typed into looks. */
export const controlLook =
  "w-full min-h-9 rounded-md border border-line-strong bg-surface px-2.5 py-1.5 text-ink transition-[background-color,border-color] hover:border-ink-soft [&[readonly]]:bg-sunken [&[readonly]]:text-ink-soft disabled:bg-sunken disabled:text-ink-soft aria-invalid:border-danger aria-invalid:bg-danger-soft/40 pointer-coarse:min-h-11 max-sm:min-h-11";

export type FieldProps = {
  label: string;
  /** Shown always, below the field: an example, or what is stored now. */
  hint?: ReactNode | undefined;
  /** One sentence; announced when it appears. */
  error?: string | null | undefined;
  /** Says "optional" beside the label. Mark these rather than the required ones: there are fewer. */
  optional?: boolean | undefined;
};

/** One line of text with its label, hint and error, wired for assistive technology. */
export function TextField({
  label,
  hint,
  error,
  optional,
  className,
  id,
  ...rest
}: ComponentProps<"input"> & FieldProps) {
  const { frame, control } = useField({ id, label, hint, error, optional });
  return (
    <Field {...frame} className={className}>
      <input {...rest} {...control} className={controlLook} />
    </Field>
  );
}

/** A choice from a short list: the system's own picker, the best one on phones. */
export function SelectField({
  label,
  hint,
  error,
  optional,
  className,
  id,
  children,
  ...rest
}: ComponentProps<"select"> & FieldProps) {
  const { frame, control } = useField({ id, label, hint, error, optional });
  return (
    <Field {...frame} className={className}>
      <span className="relative block">
        <select {...rest} {...control} className={classNames(controlLook, "appearance-none pr-8")}>
          {children}
        </select>
        <ChevronDown
          aria-hidden
          className="pointer-events-none absolute inset-y-0 right-2.5 my-auto size-4 text-ink-soft"
        />
      </span>
    </Field>
  );
}

type Frame = FieldProps & { field: string };

/** The ids and attributes that tie a control to its label, hint and error: for controls of your own. */
export function useField({ id, ...props }: FieldProps & { id?: string | undefined }) {
  const own = useId();
  const field = id ?? own;
  const describedBy = [props.error && `${field}-error`, props.hint && `${field}-hint`]
    .filter(Boolean)
    .join(" ");
  const frame: Frame = { ...props, field };
  return {
    frame,
    control: {
      id: field,
      "aria-invalid": props.error ? true : undefined,
      "aria-describedby": describedBy || undefined,
    },
  };
}

/** Label above, hint and error below whatever control stands between. */
export function Field({
  field,
  label,
  hint,
  error,
  optional,
  className,
  children,
}: Frame & { className?: string | undefined; children: ReactNode }) {
  return (
    <div className={classNames("flex min-w-0 flex-col gap-1", className)}>
      <div className="flex items-baseline justify-between gap-2">
        <label htmlFor={field} className="font-medium text-sm">
          {label}
        </label>
        {optional ? <span className="text-ink-soft text-xs">optional</span> : null}
      </div>
      {children}
      <FieldError id={`${field}-error`}>{error}</FieldError>
      {hint ? (
        <p id={`${field}-hint`} className="text-ink-soft text-sm">
          {hint}
        </p>
      ) : null}
    </div>
  );
}

/** What is wrong with a field and how to put it right; announced at once. */
export function FieldError({ id, children }: { id: string; children: ReactNode }) {
  if (!children) return null;
  return (
    <p id={id} role="alert" className="text-danger text-sm">
      {children}
    </p>
  );
}
