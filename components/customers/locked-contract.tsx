"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { outcomeWords } from "@/components/step-up/outcome-words";
import { useStepUp } from "@/components/step-up/use-step-up";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { Action } from "@/lib/step-up/action-result";

type Props = { customerId: string; contractId: string; viewContract: Action<null> };

/** A contract that is locked: nothing of it is here. The answer that unlocks it brings the page along. */
export function LockedContract({ customerId, contractId, viewContract }: Props) {
  const router = useRouter();
  const view = useStepUp(viewContract);
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  const open = async () => {
    setBusy(true);
    setMessage(null);
    const outcome = await view({ customerId, contractId });
    setBusy(false);
    setMessage(outcomeWords(outcome));
    // A step-up sets the cookie, and so brings the page; without one (unlocked in another tab) it is asked for.
    if (outcome.status === "done" && !outcome.proved) router.refresh();
  };
  return (
    <div className="flex max-w-xl flex-col items-start gap-4 py-10">
      <h1 className="font-semibold text-2xl">This contract is locked</h1>
      <p>Its value, terms, clauses and signatories show after you confirm that it is you.</p>
      {message ? <Notice tone="danger">{message}</Notice> : null}
      <div className="flex flex-wrap gap-2">
        <Button variant="primary" pending={busy} onClick={() => void open()}>
          Confirm it's you
        </Button>
        <Link
          href={`/customers/${customerId}`}
          prefetch={false}
          className="inline-flex min-h-9 items-center underline underline-offset-4"
        >
          Back to the customer
        </Link>
      </div>
    </div>
  );
}
