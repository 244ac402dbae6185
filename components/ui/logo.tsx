import { classNames } from "./class-names";

/** The face of a lock whose key has been turned; the brass is the way it went. `compact`: no word on phones. */
export function Logo({ compact = false }: { compact?: boolean }) {
  return (
    <span className="inline-flex items-center gap-2 font-semibold text-ink text-lg tracking-tight">
      <Mark className="size-7" />
      <span className={classNames(compact && "max-sm:sr-only")}>Keyturn</span>
    </span>
  );
}

/** The mark alone, where the word stands elsewhere. */
export function Mark({ className }: { className?: string }) {
  return (
    <svg
      viewBox="0 0 32 32"
      fill="none"
      strokeWidth="3.6"
      strokeLinecap="round"
      className={classNames("shrink-0 text-brand", className)}
      aria-hidden="true"
    >
      <path d="M16 4.5A11.5 11.5 0 1 0 27.5 16" stroke="currentColor" />
      <path d="M21.1 5.7a11.5 11.5 0 0 1 5.2 5.2" className="stroke-turned" />
      <g transform="rotate(45 16 16)" fill="currentColor">
        <circle cx="16" cy="13" r="3.6" />
        <path d="M14.5 14.5h3l1.2 7h-5.4z" />
      </g>
    </svg>
  );
}
