"use client";

import { type ComponentProps, useState } from "react";
import { classNames } from "./class-names";
import { controlLook, Field, type FieldProps, useField } from "./field";

type Props = Omit<ComponentProps<"input">, "type" | "autoComplete"> &
  FieldProps & { autoComplete: "current-password" | "new-password" };

/** A password that can be looked at while it is typed. Paste and password managers work (WCAG 3.3.8). */
export function PasswordField({ label, hint, error, optional, className, id, ...rest }: Props) {
  const [shown, setShown] = useState(false);
  const { frame, control } = useField({ id, label, hint, error, optional });
  return (
    <Field {...frame} className={className}>
      <span className="relative block">
        <input
          {...rest}
          {...control}
          type={shown ? "text" : "password"}
          autoCapitalize="off"
          autoCorrect="off"
          spellCheck={false}
          className={classNames(controlLook, "pr-16")}
        />
        <button
          type="button"
          aria-pressed={shown}
          aria-controls={control.id}
          title="Show what you typed"
          onClick={() => setShown(!shown)}
          className="absolute inset-y-1 right-1 w-14 rounded-sm font-medium text-ink-soft text-sm hover:bg-sunken hover:text-ink aria-pressed:text-brand"
        >
          {/* One name in both states: a pressed button says the rest. */}
          Show
        </button>
      </span>
    </Field>
  );
}
