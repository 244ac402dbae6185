import { ChevronLeft } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";

type Props = {
  title: ReactNode;
  /** Where this page belongs: one step up. */
  back?: { href: string; label: string };
  /** One line below the title: number, state, whose it is. */
  meta?: ReactNode;
  /** The page's one primary button, and few others. */
  actions?: ReactNode;
};

/** The top of a page: where it belongs, its name, what can be done. */
export function PageHeader({ title, back, meta, actions }: Props) {
  return (
    <div className="flex flex-wrap items-end justify-between max-sm:items-center gap-x-6 gap-y-3">
      <div className="min-w-0">
        {back ? (
          <Link
            href={back.href}
            prefetch={false}
            className="-ml-1 inline-flex min-h-6 items-center gap-0.5 rounded-sm pr-1 text-ink-soft text-sm hover:text-ink pointer-coarse:min-h-11"
          >
            <ChevronLeft aria-hidden className="size-4" />
            {back.label}
          </Link>
        ) : null}
        <h1 className="break-words font-semibold text-2xl">{title}</h1>
        {meta ? (
          <div className="mt-1 flex flex-wrap items-center gap-x-2.5 gap-y-1 text-ink-soft">{meta}</div>
        ) : null}
      </div>
      {actions ? <div className="flex flex-wrap items-center gap-2">{actions}</div> : null}
    </div>
  );
}
