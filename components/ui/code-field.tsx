"use client";

import { type Ref, useId, useRef } from "react";

type Props = {
  label: string;
  value: string;
  onChange(value: string): void;
  /** Called once, when six digits are there; not again until the field was emptied after an error. */
  onComplete?(code: string): void;
  error?: string | null;
  disabled?: boolean;
  ref?: Ref<HTMLInputElement>;
};

/** The one-time code: one input, not six; paste and autofill work, spaces and dashes are forgiven (WCAG 3.3.8). */
export function CodeField({ label, value, onChange, onComplete, error, disabled, ref }: Props) {
  const id = useId();
  const submitted = useRef(false);
  const change = (typed: string) => {
    onChange(typed);
    const code = digitsOf(typed);
    if (code.length < 6) return;
    if (submitted.current || code.length > 6) return;
    submitted.current = true;
    onComplete?.(code);
  };
  return (
    <div className="flex flex-col gap-1">
      <label htmlFor={id} className="font-medium text-sm">
        {label}
      </label>
      <input
        ref={ref}
        id={id}
        name="one-time-code"
        value={value}
        onChange={(event) => change(event.target.value)}
        autoComplete="one-time-code"
        inputMode="numeric"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={16}
        readOnly={disabled}
        aria-invalid={error ? true : undefined}
        aria-describedby={error ? `${id}-error` : undefined}
        className="w-full rounded-md border border-line-strong bg-surface px-3 py-2 text-center font-mono text-2xl tracking-[0.35em] aria-invalid:border-danger"
      />
      {error ? (
        <p id={`${id}-error`} role="alert" className="text-danger text-sm">
          {error}
        </p>
      ) : null}
    </div>
  );
}

/** ASCII digits of what was typed; full-width ones are turned, the rest is dropped. */
export function digitsOf(typed: string): string {
  return typed.normalize("NFKC").replace(/\D/g, "");
}
