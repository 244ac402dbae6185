import type { ReactNode } from "react";
import { classNames } from "./class-names";

/** The place of something that is on its way. Give it the size of what comes, so that nothing jumps. */
export function Skeleton({ className = "h-4 w-full" }: { className?: string }) {
  return <span aria-hidden className={classNames("block animate-pulse rounded-sm bg-line", className)} />;
}

/** Round skeletons: says once that something loads. Shows itself late, so that a fast page doesn't flicker. */
export function Loading({ label = "Loading", children }: { label?: string; children: ReactNode }) {
  return (
    <div role="status" className="animate-late">
      <span className="sr-only">{label}</span>
      {children}
    </div>
  );
}
