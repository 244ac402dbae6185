"use client";

import { Button } from "@/components/ui/button";

export default function PageError({ reset }: { error: Error; reset: () => void }) {
  return (
    <div className="flex max-w-md flex-col items-start gap-4 py-16">
      <h1 className="font-semibold text-2xl">This page can't be shown just now</h1>
      <p>Keyturn could not read its data. Nothing that you saved is lost.</p>
      <Button variant="primary" onClick={reset}>
        Try again
      </Button>
    </div>
  );
}
