import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";

type Props = { icon?: LucideIcon; title: string; children?: ReactNode; action?: ReactNode };

/** Where nothing is: why, and what to do about it. */
export function EmptyState({ icon: Icon, title, children, action }: Props) {
  return (
    <div className="flex flex-col items-center gap-1.5 rounded-lg border border-line border-dashed px-6 py-14 text-center">
      {Icon ? <Icon aria-hidden className="mb-1.5 size-6 text-ink-soft" strokeWidth={1.5} /> : null}
      <h2 className="font-semibold text-lg">{title}</h2>
      {children ? <div className="max-w-prose text-ink-soft">{children}</div> : null}
      {action ? <div className="mt-3">{action}</div> : null}
    </div>
  );
}
