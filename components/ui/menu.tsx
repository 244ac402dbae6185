"use client";

import { Menu as Base } from "@base-ui/react/menu";
import Link from "next/link";
import type { ReactNode } from "react";

const item =
  "flex min-h-8 w-full cursor-default items-center gap-2.5 rounded-[0.3125rem] border border-transparent px-2.5 text-left text-ink outline-none data-[highlighted]:bg-sunken data-[highlighted]:forced-colors:border-[Highlight] pointer-coarse:min-h-11 max-sm:min-h-11 [&>svg]:size-4 [&>svg]:text-ink-soft";

type Props = {
  /** What stands in the button; its words are the button's name. */
  trigger: ReactNode;
  triggerClassName?: string;
  align?: "start" | "end";
  children: ReactNode;
};

/** A button that opens a list of things to do or places to go: arrow keys, typing and Escape work. */
export function Menu({ trigger, triggerClassName, align = "end", children }: Props) {
  return (
    <Base.Root modal={false}>
      <Base.Trigger className={triggerClassName}>{trigger}</Base.Trigger>
      <Base.Portal>
        <Base.Positioner align={align} sideOffset={6} className="z-40">
          <Base.Popup className="min-w-52 max-w-[calc(100vw-1rem)] animate-fade rounded-lg border border-line bg-raised p-1 text-ink shadow-float outline-none">
            {children}
          </Base.Popup>
        </Base.Positioner>
      </Base.Portal>
    </Base.Root>
  );
}

/** Does something. */
export function MenuAction({ onSelect, children }: { onSelect(): void; children: ReactNode }) {
  return (
    <Base.Item onClick={onSelect} className={item}>
      {children}
    </Base.Item>
  );
}

/** Goes somewhere. */
export function MenuLink({ href, children }: { href: string; children: ReactNode }) {
  return (
    <Base.Item render={<Link href={href} prefetch={false} />} className={item}>
      {children}
    </Base.Item>
  );
}

/** Whose or what for the menu is: a text above its items. */
export function MenuNote({ children }: { children: ReactNode }) {
  return <div className="mb-1 border-line border-b px-2.5 pt-1.5 pb-2">{children}</div>;
}
