"use client";

import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import type { Destination } from "@/lib/access/destinations";
import { PersonMenu } from "./person-menu";
import { ElevationChip } from "./step-up/elevation-chip";
import { AppShell } from "./ui/app-shell";

type Props = {
  person: { name: string; email: string };
  /** Where this person's work is, the first page first. */
  destinations: readonly Destination[];
  demo: boolean;
  children: ReactNode;
};

/** What stands round every signed-in page: navigation, what is unlocked, and the person's menu. */
export function SignedInShell({ person, destinations, demo, children }: Props) {
  const path = usePathname();
  const [work] = destinations;
  return (
    <AppShell
      home={{ href: work?.href ?? "/", label: `Keyturn, to the ${work?.label.toLowerCase()}` }}
      destinations={destinations.map((one) => ({ ...one, current: path.startsWith(one.href) }))}
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
