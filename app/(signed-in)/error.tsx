"use client";

import { Button } from "@/components/ui/button";

/** Asks the server again by loading the page: Next's `reset` would show the same answer once more. */
export default function PageError() {
  return (
    <div className="flex max-w-md flex-col items-start gap-4 py-16">
      <h1 className="font-semibold text-2xl">This page can't be shown just now</h1>
      <p>Keyturn could not read its data. Nothing that you saved is lost.</p>
      <Button variant="primary" onClick={() => location.reload()}>
        Try again
      </Button>
    </div>
  );
}
