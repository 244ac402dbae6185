import { Notice } from "@/components/ui/notice";
import type { Nobody } from "@/lib/approvals/approvers";

/** Why nobody could approve, and what is left: said before anything is typed. Nothing where somebody can. */
export function NobodyApproves({ nobody }: { nobody: Nobody | null }) {
  if (!nobody) return null;
  const { because, left, command } = nobody;
  return (
    <Notice tone="warn">
      {because} {left}
      <code className="mt-1 block break-words font-mono text-sm">{command}</code>
    </Notice>
  );
}
