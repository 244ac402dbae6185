"use client";

import { useState } from "react";
import { outcomeWords } from "@/components/step-up/outcome-words";
import { useStepUp } from "@/components/step-up/use-step-up";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { Action } from "@/lib/step-up/action-result";

type Props = {
  /** What unlocks it, and where it then lies. */
  input: Record<string, string>;
  href: string;
  /** The element that says which change it is of. */
  describedBy?: string;
  downloadReceipt: Action<null>;
};

/** Asks for the step-up where it has to, then fetches the file from its own address. */
export function ReceiptButton({ input, href, describedBy, downloadReceipt }: Props) {
  const download = useStepUp(downloadReceipt);
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  const fetchFile = async () => {
    setBusy(true);
    setMessage(null);
    const outcome = await download(input);
    setBusy(false);
    if (outcome.status === "done") window.location.assign(href);
    else setMessage(outcomeWords(outcome));
  };
  return (
    <>
      <Button
        variant="quiet"
        size="small"
        pending={busy}
        aria-describedby={describedBy}
        onClick={() => void fetchFile()}
      >
        Receipt
      </Button>
      {message ? <Notice tone="danger">{message}</Notice> : null}
    </>
  );
}
