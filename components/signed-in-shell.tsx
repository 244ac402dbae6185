"use client";

import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { PersonMenu } from "./person-menu";
import { ElevationChip } from "./step-up/elevation-chip";
import { AppShell } from "./ui/app-shell";

type Props = { person: { name: string; email: string }; demo: boolean; children: ReactNode };

/** What stands round every signed-in page: navigation, what is unlocked, and the person's menu. */
export function SignedInShell({ person, demo, children }: Props) {
  const path = usePathname();
  return (
    <AppShell
      home={{ href: "/customers", label: "Keyturn, to the customers" }}
      destinations={[{ href: "/customers", label: "Customers", current: path.startsWith("/customers") }]}
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
