import Link from "next/link";
import type { ComponentProps } from "react";
import { classNames } from "./class-names";
import { Spinner } from "./spinner";

/** One primary a screen; secondary for the rest; quiet beside a text; danger for what can't be taken back. */
export type ButtonVariant = "primary" | "secondary" | "quiet" | "danger";
/** Small in the rows of a list, large alone in a dialog or on the sign-in page. On touch screens all are 44 px high. */
export type ButtonSize = "small" | "medium" | "large";

const shape =
  "inline-flex items-center justify-center gap-1.5 border font-medium select-none transition-[background-color,border-color,color,box-shadow] duration-100 pointer-coarse:min-h-11 max-sm:min-h-11 disabled:opacity-55 aria-disabled:not-aria-busy:opacity-55 forced-colors:border-[ButtonText]";

const sizes: Record<ButtonSize, string> = {
  small: "min-h-7 rounded-[0.375rem] px-2.5 text-sm",
  medium: "min-h-9 rounded-md px-3.5",
  large: "min-h-11 rounded-md px-5 text-lg",
};

const looks: Record<ButtonVariant, string> = {
  primary: "border-transparent bg-brand text-brand-ink shadow-low hover:bg-brand-hover active:shadow-none",
  secondary:
    "border-line-strong/55 bg-surface text-ink shadow-low hover:border-line-strong hover:bg-sunken active:shadow-none",
  quiet:
    "border-transparent text-ink underline decoration-line-strong underline-offset-4 hover:decoration-current",
  danger: "border-danger bg-surface text-danger hover:bg-danger hover:text-danger-ink",
};

type Look = { variant?: ButtonVariant; size?: ButtonSize };

type Props = ComponentProps<"button"> & Look & { pending?: boolean };

/** A button. `pending` keeps its label, tells assistive technology that work is going on, and ignores clicks. */
export function Button({
  variant,
  size,
  pending = false,
  className,
  type = "button",
  onClick,
  children,
  ...rest
}: Props) {
  return (
    <button
      {...rest}
      type={type}
      aria-busy={pending || undefined}
      aria-disabled={pending || rest["aria-disabled"] || undefined}
      onClick={pending ? (event) => event.preventDefault() : onClick}
      className={classNames(buttonLook({ variant, size }), pending && "cursor-progress", className)}
    >
      {pending ? <Spinner /> : null}
      {children}
    </button>
  );
}

/** A link that looks like a button: for going somewhere, never for doing something. */
export function LinkButton({ variant, size, className, ...rest }: ComponentProps<typeof Link> & Look) {
  return <Link {...rest} className={classNames(buttonLook({ variant, size }), className)} />;
}

/** The look alone, for what must be another element: a download, a file input's label. */
export function buttonLook({ variant = "secondary", size = "medium" }: Look): string {
  return classNames(shape, variant === "quiet" ? "min-h-7 rounded-sm" : sizes[size], looks[variant]);
}
