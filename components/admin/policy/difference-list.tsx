import { Badge } from "@/components/ui/notice";
import type { Difference } from "@/lib/policy/compare";

/** What a policy changes, old → new; what gets easier, stricter or both says so. */
export function DifferenceList({ changes }: { changes: Difference[] }) {
  if (changes.length === 0) return <p>It demands the same as the policy that is in force.</p>;
  return (
    <ul className="flex flex-col gap-1.5">
      {changes.map(({ label, from, to, loosens, tightens }) => (
        <li key={label} className="break-words">
          <span className="font-medium">{label}</span>: <span className="text-ink-soft">{from}</span>{" "}
          <span aria-hidden>→</span>
          <span className="sr-only">becomes</span> {to} {loosens ? <Badge tone="warn">easier</Badge> : null}{" "}
          {tightens ? <Badge tone="open">stricter</Badge> : null}
        </li>
      ))}
    </ul>
  );
}
