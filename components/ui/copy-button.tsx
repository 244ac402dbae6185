"use client";

import { Check, Copy } from "lucide-react";
import { useState } from "react";
import { Button } from "./button";

/** Copies a text and says so; where copying is not allowed, it says that. */
export function CopyButton({ text, label }: { text: string; label: string }) {
  const [said, setSaid] = useState<"Copied" | "Copying was not allowed" | null>(null);
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      setSaid("Copied");
    } catch {
      // Refused, or an origin that is not secure and has no clipboard at all.
      setSaid("Copying was not allowed");
    }
  };
  const Icon = said === "Copied" ? Check : Copy;
  return (
    <span className="inline-flex items-center gap-2">
      <Button onClick={() => void copy()}>
        <Icon aria-hidden className="size-4" />
        {label}
      </Button>
      <span role="status" className="text-ink-soft text-sm">
        {said}
      </span>
    </span>
  );
}
