import type { LucideIcon } from "lucide-react";
import type { ComponentProps } from "react";
import { classNames } from "./class-names";

type Props = Omit<ComponentProps<"button">, "children"> & { icon: LucideIcon; label: string };

/** A button that is only a picture: for closing, clearing and the like. Where a word fits, take `Button`. */
export function IconButton({ icon: Icon, label, className, type = "button", ...rest }: Props) {
  return (
    <button
      {...rest}
      type={type}
      aria-label={label}
      title={label}
      className={classNames(
        "inline-flex size-8 shrink-0 items-center justify-center rounded-md text-ink-soft hover:bg-sunken hover:text-ink pointer-coarse:size-11 max-sm:size-11",
        className,
      )}
    >
      <Icon aria-hidden className="size-4" />
    </button>
  );
}
