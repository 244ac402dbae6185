import { type ComponentProps, type ReactNode, useId } from "react";
import { classNames } from "./class-names";

type Props = Omit<ComponentProps<"input">, "type" | "id"> & {
  type?: "checkbox" | "radio";
  label: ReactNode;
  hint?: ReactNode;
};

/** One box to tick, or one of several to choose, with its label beside it: the whole line can be clicked. */
export function CheckField({ type = "checkbox", label, hint, className, ...rest }: Props) {
  const id = useId();
  return (
    <div className={classNames("flex min-w-0 gap-2", className)}>
      <input
        {...rest}
        id={id}
        type={type}
        aria-describedby={hint ? `${id}-hint` : undefined}
        className="mt-1 size-4 shrink-0 accent-brand disabled:opacity-55"
      />
      <div className="min-w-0">
        <label
          htmlFor={id}
          className={classNames(
            "inline-flex min-h-6 items-center pointer-coarse:min-h-11",
            rest.disabled && "text-ink-soft",
          )}
        >
          {label}
        </label>
        {hint ? (
          <p id={`${id}-hint`} className="text-ink-soft text-sm">
            {hint}
          </p>
        ) : null}
      </div>
    </div>
  );
}
