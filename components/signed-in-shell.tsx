"use client";

import Link from "next/link";
import { usePathname } from "next/navigation";
import type { ReactNode } from "react";
import { PersonMenu } from "./person-menu";
import { ElevationChip } from "./step-up/elevation-chip";
import { classNames } from "./ui/class-names";
import { Logo } from "./ui/logo";

/** What stands round every signed-in page: skip link, navigation, what is unlocked, and the person's menu. */
export function SignedInShell({
  name,
  demo,
  children,
}: {
  name: string;
  demo: boolean;
  children: ReactNode;
}) {
  const path = usePathname();
  return (
    <>
      <a
        href="#content"
        className="sr-only z-50 rounded-md bg-brand px-3 py-2 text-brand-ink focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
      >
        Skip to the content
      </a>
      <header className="sticky top-0 z-30 border-line border-b bg-surface">
        <div className="mx-auto flex min-h-14 max-w-[100rem] flex-wrap items-center gap-x-5 gap-y-1 px-4 py-1 sm:px-6">
          <Link href="/customers" prefetch={false} aria-label="Keyturn, to the customers">
            <Logo />
          </Link>
          <nav aria-label="Main" className="flex gap-1">
            <Link
              href="/customers"
              prefetch={false}
              aria-current={path.startsWith("/customers") ? "page" : undefined}
              className={classNames(
                "inline-flex min-h-9 items-center rounded-md px-2.5 font-medium hover:bg-sunken",
                path.startsWith("/customers") && "bg-sunken",
              )}
            >
              Customers
            </Link>
          </nav>
          <div className="ml-auto flex items-center gap-3">
            <ElevationChip />
            {demo ? (
              <a
                href="/demo"
                target="_blank"
                rel="noopener"
                className="text-ink-soft text-sm underline underline-offset-4 max-sm:hidden"
              >
                Demo codes
              </a>
            ) : null}
            <PersonMenu name={name} />
          </div>
        </div>
      </header>
      <main id="content" tabIndex={-1} className="mx-auto max-w-[100rem] px-4 py-6 outline-none sm:px-6">
        {children}
      </main>
    </>
  );
}
