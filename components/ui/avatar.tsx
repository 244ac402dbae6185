/** A person's initials. Always beside or in place of the name as text: it says nothing itself. */
export function Avatar({ name }: { name: string }) {
  const words = name.trim().split(/\s+/);
  const initials = [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => [...(word ?? "")][0] ?? "")
    .join("");
  return (
    <span
      aria-hidden
      className="inline-flex size-7 shrink-0 items-center justify-center rounded-full border border-transparent bg-brand-soft font-semibold text-[0.6875rem] text-brand uppercase tracking-wide"
    >
      {initials}
    </span>
  );
}
