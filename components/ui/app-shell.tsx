import Link from "next/link";
import type { ReactNode } from "react";
import { classNames } from "./class-names";
import { Logo } from "./logo";

export type Destination = { href: string; label: string; current: boolean };

type Props = {
  /** Where the logo leads, and its name as a link. */
  home: { href: string; label: string };
  destinations: Destination[];
  /** What is unlocked, and the way to lock it. */
  chip?: ReactNode;
  /** Small links that are not part of the work; hidden on phones. */
  extra?: ReactNode;
  person: ReactNode;
  children: ReactNode;
};

/** What stands round every signed-in page: skip link, navigation, what is unlocked, the person's menu. */
export function AppShell({ home, destinations, chip, extra, person, children }: Props) {
  return (
    <div className="[--header-height:3.25rem] max-sm:[--header-height:3.5rem]">
      <SkipLink />
      <header className="sticky top-0 z-30 border-line border-b bg-surface transition-[border-color,box-shadow] has-data-unlocked:border-turned has-data-unlocked:shadow-[0_1px_0_var(--turned)]">
        <div className="mx-auto flex max-w-[110rem] flex-wrap items-center gap-x-3 px-4 sm:gap-x-6 sm:px-6">
          <Link
            href={home.href}
            prefetch={false}
            aria-label={home.label}
            className="inline-flex min-h-(--header-height) items-center"
          >
            <Logo compact />
          </Link>
          <MainNavigation destinations={destinations} />
          <div className="ml-auto flex min-h-(--header-height) items-center gap-2 sm:gap-4">
            {chip}
            {extra ? (
              <div className="text-sm max-md:hidden [&>a]:inline-flex [&>a]:min-h-6 [&>a]:items-center">
                {extra}
              </div>
            ) : null}
            {person}
          </div>
        </div>
      </header>
      <main
        id="content"
        tabIndex={-1}
        className="mx-auto max-w-[110rem] px-4 py-5 outline-none sm:px-6 sm:py-7"
      >
        {children}
      </main>
    </div>
  );
}

/** The first stop of the Tab key. */
function SkipLink() {
  return (
    <a
      href="#content"
      className="sr-only z-50 rounded-md bg-brand font-medium text-brand-ink focus:not-sr-only focus:fixed focus:top-2 focus:left-2 focus:px-4 focus:py-2"
    >
      Skip to the content
    </a>
  );
}

/** On phones a row of its own, that scrolls sideways; with a single destination the logo is enough there. */
function MainNavigation({ destinations }: { destinations: Destination[] }) {
  const alone = destinations.length < 2;
  return (
    <nav
      aria-label="Main"
      className={classNames(
        "flex gap-1 max-sm:order-last max-sm:-mx-4 max-sm:w-screen max-sm:overflow-x-auto max-sm:border-line max-sm:border-t max-sm:px-2.5",
        alone && "max-sm:hidden",
      )}
    >
      {destinations.map(({ href, label, current }) => (
        <Link
          key={href}
          href={href}
          prefetch={false}
          aria-current={current ? "page" : undefined}
          className="group inline-flex min-h-11 shrink-0 items-center border-transparent border-b-2 px-2 font-medium text-ink-soft hover:text-ink aria-[current=page]:border-brand aria-[current=page]:text-ink focus-visible:-outline-offset-2 sm:min-h-(--header-height)"
        >
          {label}
        </Link>
      ))}
    </nav>
  );
}
