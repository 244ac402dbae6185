import { classNames } from "./class-names";

/** Shows that something goes on. Says nothing: what waits has `aria-busy` and keeps its words. */
export function Spinner({ className = "size-3.5" }: { className?: string }) {
  return (
    <span
      aria-hidden
      className={classNames(
        "inline-block shrink-0 animate-spin rounded-full border-2 border-current border-r-transparent",
        className,
      )}
    />
  );
}
