/** The mark: a key's bow with the turn of it. */
export function Logo() {
  return (
    <span className="inline-flex items-center gap-2 font-semibold text-ink tracking-tight">
      <svg viewBox="0 0 32 32" className="size-7 text-brand" aria-hidden="true">
        <path d="M27 16a11 11 0 1 1-4.2-8.65" fill="none" stroke="currentColor" strokeWidth="3" strokeLinecap="round" />
        <path d="m24.2 2.6-.6 5.7-5.6-.9" fill="none" stroke="currentColor" strokeWidth="3" strokeLinecap="round" strokeLinejoin="round" />
        <circle cx="16" cy="14" r="3.2" fill="currentColor" />
        <path d="M14.7 15h2.6l1 7.5h-4.6z" fill="currentColor" />
      </svg>
      Keyturn
    </span>
  );
}
