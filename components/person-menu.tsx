"use client";

import { Menu } from "@base-ui/react/menu";
import Link from "next/link";
import { useStepUpContext } from "./step-up/step-up-provider";

const item =
  "flex min-h-9 w-full cursor-default items-center rounded px-3 text-left outline-none data-[highlighted]:bg-sunken max-sm:min-h-11";

/** The person's own menu: security, and the way out. */
export function PersonMenu({ name }: { name: string }) {
  const { signOut } = useStepUpContext();
  return (
    <Menu.Root modal={false}>
      <Menu.Trigger className="min-h-9 max-w-44 truncate rounded-md border border-line-strong px-3 font-medium hover:bg-sunken">
        {name}
      </Menu.Trigger>
      <Menu.Portal>
        <Menu.Positioner align="end" sideOffset={6} className="z-40">
          <Menu.Popup className="min-w-44 rounded-lg border border-line bg-raised p-1 text-ink shadow-lg outline-none">
            <Menu.Item render={<Link href="/settings/security" prefetch={false} />} className={item}>
              Security
            </Menu.Item>
            <Menu.Item onClick={() => void signOut()} className={item}>
              Sign out
            </Menu.Item>
          </Menu.Popup>
        </Menu.Positioner>
      </Menu.Portal>
    </Menu.Root>
  );
}
