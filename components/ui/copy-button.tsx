"use client";

import { useState } from "react";
import { Button } from "./button";

/** Copies a text and says so; where copying is not allowed, it says that. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [said, setSaid] = useState<string | null>(null);
  const copy = async () => {
    const done = await navigator.clipboard.writeText(text).then(
      () => "Copied",
      () => "Copying was not allowed",
    );
    setSaid(done);
  };
  return (
    <span className="inline-flex items-center gap-2">
      <Button onClick={() => void copy()}>{label}</Button>
      <span role="status" className="text-ink-soft text-sm">
        {said}
      </span>
    </span>
  );
}
