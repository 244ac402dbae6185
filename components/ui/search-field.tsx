"use client";

import { Search } from "lucide-react";
import { type ComponentProps, useEffect, useRef } from "react";
import { classNames } from "./class-names";
import { controlLook } from "./field";
import { Kbd } from "./kbd";
import { Spinner } from "./spinner";

type Props = Omit<ComponentProps<"input">, "type" | "ref"> & {
  label: string;
  /** The answer is on its way. */
  busy?: boolean;
};

/**
 * Searches a list. Its label is for assistive technology, the looking glass and the placeholder for the eye. Ctrl+K or
 * ⌘K leads into it: a letter alone would get in the way of speech input (WCAG 2.1.4).
 */
export function SearchField({ label, busy = false, className, ...rest }: Props) {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (
        event.key.toLowerCase() !== "k" ||
        !(event.ctrlKey || event.metaKey) ||
        event.altKey ||
        event.shiftKey
      )
        return;
      if (document.querySelector('[role="dialog"]')) return;
      event.preventDefault();
      field.current?.focus();
      field.current?.select();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  return (
    <div className={classNames("group relative", className)}>
      <span className="pointer-events-none absolute inset-y-0 left-2.5 flex items-center text-ink-soft">
        {busy ? <Spinner className="size-4" /> : <Search aria-hidden className="size-4" />}
      </span>
      <input
        {...rest}
        ref={field}
        type="search"
        aria-label={label}
        aria-busy={busy || undefined}
        aria-keyshortcuts="Control+K Meta+K"
        autoComplete="off"
        spellCheck={false}
        className={classNames(controlLook, "pr-2.5 pl-9 sm:placeholder-shown:pr-16")}
      />
      <span
        aria-hidden
        className="pointer-events-none absolute inset-y-0 right-2 hidden items-center group-focus-within:hidden sm:group-has-placeholder-shown:flex"
      >
        <Kbd>Ctrl K</Kbd>
      </span>
    </div>
  );
}
