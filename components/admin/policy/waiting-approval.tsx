import Link from "next/link";
import { Notice } from "@/components/ui/notice";
import type { OpenApproval } from "@/lib/approvals/read";

/** What waits for a second administrator, wherever somebody may wonder what became of it. */
export function WaitingApproval({ approval }: { approval: OpenApproval }) {
  const { mine, askedBy, words } = approval;
  return (
    <Notice tone="open" title="Asked for approval">
      <p>
        {mine ? "You ask" : `${askedBy.name} asks`} {words.purpose}. Until a second administrator approves it,
        nothing changes, and nothing else can be loosened.
      </p>
      <ul className="list-disc pl-5">
        {words.changes.map(({ label, from, to }) => (
          <li key={label}>
            {label}: {from === null ? to : `${from} → ${to}`}
          </li>
        ))}
      </ul>
      <Link href="/admin/users" prefetch={false} className="underline underline-offset-4">
        {mine ? "See or withdraw it on the People page" : "Decide on the People page"}
      </Link>
    </Notice>
  );
}
