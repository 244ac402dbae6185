import type { ReactNode } from "react";

/** A key, or keys pressed together. */
export function Kbd({ children }: { children: ReactNode }) {
  return (
    <kbd className="rounded-sm border border-line bg-sunken px-1.5 py-px font-sans text-ink-soft text-xs">
      {children}
    </kbd>
  );
}
