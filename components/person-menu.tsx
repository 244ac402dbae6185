"use client";

import { ChevronDown, LogOut, ShieldCheck } from "lucide-react";
import { EmailAddress } from "@/components/ui/email-address";
import { useStepUpContext } from "./step-up/step-up-provider";
import { Avatar } from "./ui/avatar";
import { Menu, MenuAction, MenuLink, MenuNote } from "./ui/menu";

/** The person's own menu: security, and the way out. */
export function PersonMenu({ name, email }: { name: string; email: string }) {
  const { signOut } = useStepUpContext();
  return (
    <Menu
      trigger={
        <>
          <Avatar name={name} />
          <span className="truncate max-sm:sr-only">{name}</span>
          <ChevronDown aria-hidden className="size-4 shrink-0 text-ink-soft" />
        </>
      }
      triggerClassName="inline-flex min-h-9 max-w-52 items-center gap-2 rounded-md px-1.5 font-medium hover:bg-sunken max-sm:min-h-11"
    >
      <MenuNote>
        <span className="block text-ink-soft text-sm">Signed in as</span>
        <EmailAddress>{email}</EmailAddress>
      </MenuNote>
      <MenuLink href="/settings/security">
        <ShieldCheck aria-hidden />
        Security
      </MenuLink>
      <MenuAction onSelect={() => void signOut()}>
        <LogOut aria-hidden />
        Sign out
      </MenuAction>
    </Menu>
  );
}
