"use client";

import { type Ref, useRef } from "react";
import { classNames } from "./class-names";
import { controlLook, Field, useField } from "./field";

type Props = {
  label: string;
  value: string;
  onChange(value: string): void;
  /** Called once, when six digits are there; never again, so that after an error the person decides when. */
  onComplete?(code: string): void;
  error?: string | null;
  disabled?: boolean;
  ref?: Ref<HTMLInputElement>;
};

/** The one-time code: one input, not six; paste and autofill work, spaces and dashes are forgiven (WCAG 3.3.8). */
export function CodeField({ label, value, onChange, onComplete, error, disabled = false, ref }: Props) {
  const { frame, control } = useField({ label, error });
  const submitted = useRef(false);
  const change = (typed: string) => {
    onChange(typed);
    const code = digitsOf(typed);
    if (submitted.current || code.length !== 6) return;
    submitted.current = true;
    onComplete?.(code);
  };
  return (
    <Field {...frame}>
      <input
        {...control}
        ref={ref}
        name="one-time-code"
        value={value}
        onChange={(event) => change(event.target.value)}
        autoComplete="one-time-code"
        inputMode="numeric"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={16}
        // Not `disabled`: that would throw the focus out of the dialog while the code is checked.
        readOnly={disabled}
        className={classNames(
          controlLook,
          "py-2 pl-[calc(0.625rem+0.3em)] text-center font-mono text-[1.75rem] leading-9 tracking-[0.3em]",
        )}
      />
    </Field>
  );
}

/** ASCII digits of what was typed; full-width ones are turned, the rest is dropped. */
export function digitsOf(typed: string): string {
  return typed.normalize("NFKC").replace(/\D/g, "");
}
