import type { LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { Spinner } from "./spinner";

type Props = {
  icon: LucideIcon;
  /** What holds now; announced when it begins and whenever its spoken words change. */
  children: ReactNode;
  /** Ends it. */
  action: { label: string; onAction(): void; pending?: boolean };
};

/**
 * The brass chip in the header: something is unlocked, and here it is locked again. The only thing in this colour, and
 * the header takes it up while the chip is there (app-shell.tsx).
 */
export function UnlockedChip({ icon: Icon, children, action }: Props) {
  return (
    <div
      data-unlocked
      className="flex items-center gap-2.5 rounded-full border border-transparent bg-turned py-[3px] pr-[3px] pl-3 font-medium text-sm text-turned-ink"
    >
      <Icon aria-hidden className="size-4 shrink-0 animate-turn max-sm:hidden" />
      <p role="status" className="whitespace-nowrap">
        {children}
      </p>
      <button
        type="button"
        aria-busy={action.pending || undefined}
        onClick={action.pending ? undefined : action.onAction}
        className="relative inline-flex min-h-6.5 items-center gap-1.5 rounded-full bg-turned-ink px-2.5 font-medium text-turned whitespace-nowrap hover:bg-black focus-visible:outline-ink after:absolute after:-inset-y-1.5 after:inset-x-0 pointer-coarse:min-h-8 max-sm:min-h-8 forced-colors:border"
      >
        {action.pending ? <Spinner className="size-3" /> : null}
        {action.label}
      </button>
    </div>
  );
}
