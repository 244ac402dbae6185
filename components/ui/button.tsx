import Link from "next/link";
import type { ComponentProps } from "react";
import { classNames } from "./class-names";

export type ButtonVariant = "primary" | "secondary" | "quiet" | "danger";

const shape =
  "inline-flex items-center justify-center gap-2 rounded-md font-medium whitespace-nowrap select-none transition-colors min-h-9 px-3.5 py-1.5 max-sm:min-h-11 disabled:opacity-60";

const looks: Record<ButtonVariant, string> = {
  primary: "bg-brand text-brand-ink hover:bg-brand-hover",
  secondary: "border border-line-strong bg-surface text-ink hover:bg-sunken",
  quiet: "text-ink underline decoration-line-strong underline-offset-4 hover:decoration-ink",
  danger: "border border-danger text-danger hover:bg-danger-soft",
};

type Props = ComponentProps<"button"> & { variant?: ButtonVariant; pending?: boolean };

/** A button. `pending` keeps its label, tells assistive technology that work is going on, and ignores clicks. */
export function Button({ variant = "secondary", pending = false, className, type = "button", onClick, children, ...rest }: Props) {
  return (
    <button
      {...rest}
      type={type}
      aria-busy={pending || undefined}
      aria-disabled={pending || undefined}
      onClick={pending ? (event) => event.preventDefault() : onClick}
      className={classNames(shape, looks[variant], pending && "cursor-progress opacity-80", className)}
    >
      {pending ? <Spinner /> : null}
      {children}
    </button>
  );
}

/** A link that looks like a button: for going somewhere, never for doing something. */
export function LinkButton({ variant = "secondary", className, ...rest }: ComponentProps<typeof Link> & { variant?: ButtonVariant }) {
  return <Link {...rest} className={classNames(shape, looks[variant], className)} />;
}

function Spinner() {
  return <span aria-hidden className="size-3.5 animate-spin rounded-full border-2 border-current border-r-transparent" />;
}
