"use client";

import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { PersonMenu } from "./person-menu";
import { ElevationChip } from "./step-up/elevation-chip";
import { AppShell } from "./ui/app-shell";

type Props = {
  person: { name: string; email: string };
  /** Administrators look after people, and see no customers. */
  administers: boolean;
  demo: boolean;
  children: ReactNode;
};

/** What stands round every signed-in page: navigation, what is unlocked, and the person's menu. */
export function SignedInShell({ person, administers, demo, children }: Props) {
  const path = usePathname();
  const work = administers
    ? { href: "/admin/users", label: "People" }
    : { href: "/customers", label: "Customers" };
  return (
    <AppShell
      home={{ href: work.href, label: `Keyturn, to the ${work.label.toLowerCase()}` }}
      destinations={[{ ...work, current: path.startsWith(work.href) }]}
      chip={<ElevationChip />}
      extra={
        demo ? (
          <a
            href="/demo"
            target="_blank"
            rel="noopener"
            className="text-ink-soft underline underline-offset-4"
          >
            Demo codes
          </a>
        ) : null
      }
      person={<PersonMenu {...person} />}
    >
      {children}
    </AppShell>
  );
}
