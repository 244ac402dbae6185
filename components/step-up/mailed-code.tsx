"use client";

import { type FormEvent, useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { CodeField } from "@/components/ui/code-field";
import type { EnrolmentOffer } from "@/lib/security/enrol";
import type { MailedCodeAnswer } from "@/lib/security/mailed-code";
import type { Action } from "@/lib/step-up/action-result";
import { Call } from "./call";
import { useStepUpContext } from "./step-up-provider";
import { refusedCodeWords } from "./words";

type Props = { offer: EnrolmentOffer; confirm: Action<MailedCodeAnswer>; onDone(): void };

/** The code that was mailed along: a password alone may be a thief's. */
export function MailedCode({ offer, confirm, onDone }: Props) {
  const { session } = useStepUpContext();
  const field = useRef<HTMLInputElement>(null);
  const [code, setCode] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  useEffect(() => field.current?.focus(), []);

  const submit = async (typed: string) => {
    if (busy) return;
    setBusy(true);
    const input = { enrolmentId: offer.enrolmentId, code: typed };
    const outcome = await new Call(confirm, input, session.person.id).start();
    setBusy(false);
    if (outcome?.status === "done" && outcome.data.confirmed) return onDone();
    setError(outcome?.status === "done" ? wordsOf(outcome.data) : "This could not be checked. Try again.");
    setCode("");
    field.current?.focus();
  };

  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void submit(code);
  };

  return (
    <form method="post" onSubmit={onSubmit} className="flex flex-col gap-3" noValidate>
      <p>
        We emailed a code to <strong className="font-semibold">{offer.mailedTo}</strong>. It may take a
        minute.
      </p>
      <CodeField
        ref={field}
        label="Code from the email"
        value={code}
        onChange={setCode}
        onComplete={submit}
        error={error}
        disabled={busy}
      />
      <Button type="submit" variant="primary" pending={busy}>
        Continue
      </Button>
    </form>
  );
}

function wordsOf(answer: MailedCodeAnswer): string {
  if (answer.confirmed) return "";
  return refusedCodeWords(
    answer,
    "That is not the code of the newest email. Cancel and start again to get another one.",
  );
}
