import { ChevronRight } from "lucide-react";
import type { ReactNode } from "react";

/** More of it, for who wants to know. The browser's own: it opens without script, and finds text inside. */
export function Disclosure({ summary, children }: { summary: ReactNode; children: ReactNode }) {
  return (
    <details className="group">
      <summary className="-ml-1 flex min-h-7 w-fit list-none items-center gap-1 rounded-sm pr-1.5 text-ink-soft text-sm hover:text-ink pointer-coarse:min-h-11 [&::-webkit-details-marker]:hidden">
        <ChevronRight aria-hidden className="size-4 transition-transform group-open:rotate-90" />
        {summary}
      </summary>
      <div className="pt-1 pl-4 text-sm">{children}</div>
    </details>
  );
}
