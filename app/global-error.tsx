"use client";

import "./globals.css";
import { Button } from "@/components/ui/button";
import { fontVariables } from "@/components/ui/fonts";
import { Logo } from "@/components/ui/logo";

type Props = { error: Error & { digest?: string } };

/**
 * The last resort, when even the layout failed: it says no detail, only the number under which the log has it. Next's
 * `reset` would show what the server answered once more, without asking it again.
 */
export default function GlobalError({ error }: Props) {
  return (
    <html lang="en" className={fontVariables}>
      <body>
        <main className="mx-auto flex max-w-md flex-col items-start gap-4 px-4 py-16 sm:py-28">
          <title>Something went wrong · Keyturn</title>
          <Logo />
          <h1 className="mt-4 font-semibold text-2xl">Something went wrong</h1>
          <p className="text-ink-soft">
            Keyturn can't answer just now. Nothing that you saved is lost. Try again in a moment; if it stays,
            tell an administrator.
          </p>
          {error.digest ? (
            <p className="text-ink-soft text-sm">
              Reference <code className="font-mono">{error.digest}</code>
            </p>
          ) : null}
          <Button variant="primary" onClick={() => location.reload()}>
            Try again
          </Button>
        </main>
      </body>
    </html>
  );
}
