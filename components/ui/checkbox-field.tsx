import { type ComponentProps, type ReactNode, useId } from "react";
import { classNames } from "./class-names";
import { FieldError } from "./field";

type Props = Omit<ComponentProps<"input">, "type"> & {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | null;
};

/** Yes or no. The whole line can be clicked. */
export function CheckboxField({ label, hint, error, className, id, ...rest }: Props) {
  const own = useId();
  const field = id ?? own;
  const describedBy = [error && `${field}-error`, hint && `${field}-hint`].filter(Boolean).join(" ");
  return (
    <div className={classNames("flex flex-col gap-1", className)}>
      <label
        htmlFor={field}
        className="flex min-h-6 w-fit cursor-pointer items-start gap-2.5 pointer-coarse:min-h-11 pointer-coarse:items-center"
      >
        <input
          {...rest}
          type="checkbox"
          id={field}
          aria-invalid={error ? true : undefined}
          aria-describedby={describedBy || undefined}
          className="mt-0.5 size-4 shrink-0 accent-(--brand) focus-visible:outline-offset-2 pointer-coarse:mt-0"
        />
        <span>{label}</span>
      </label>
      <FieldError id={`${field}-error`}>{error}</FieldError>
      {hint ? (
        <p id={`${field}-hint`} className="pl-6.5 text-ink-soft text-sm">
          {hint}
        </p>
      ) : null}
    </div>
  );
}
