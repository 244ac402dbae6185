"use client";

import "./globals.css";

/** The last resort, when even the layout failed. Says no detail. */
export default function GlobalError({ reset }: { error: Error; reset: () => void }) {
  return (
    <html lang="en">
      <body>
        <main className="mx-auto flex max-w-md flex-col items-start gap-4 px-4 py-24">
          <title>Something went wrong · Keyturn</title>
          <h1 className="font-semibold text-2xl">Something went wrong</h1>
          <p>Keyturn can't answer just now. Nothing that you saved is lost.</p>
          <button type="button" onClick={reset} className="min-h-9 rounded-md bg-brand px-3.5 font-medium text-brand-ink hover:bg-brand-hover">
            Try again
          </button>
        </main>
      </body>
    </html>
  );
}
