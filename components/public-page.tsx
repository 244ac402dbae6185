import type { ReactNode } from "react";
import { Logo } from "./ui/logo";

type Props = {
  title: string;
  /** In a demo, says where its accounts and mails are. */
  demo: boolean;
  /** The page is about a mail. */
  mails?: boolean;
  children: ReactNode;
};

/** A page for people who are not signed in: one narrow column. */
export function PublicPage({ title, demo, mails = false, children }: Props) {
  return (
    <main className="mx-auto flex min-h-dvh max-w-sm flex-col justify-center gap-6 px-4 py-12">
      <Logo />
      <h1 className="font-semibold text-2xl">{title}</h1>
      {children}
      {demo ? (
        <p className="text-ink-soft text-sm">
          This is a demo.{" "}
          <a
            className="inline-flex min-h-6 items-center text-ink underline underline-offset-4"
            href="/demo"
            target="_blank"
            rel="noopener"
          >
            {mails ? "Its mails" : "Accounts and their current codes"}
          </a>
        </p>
      ) : null}
    </main>
  );
}
