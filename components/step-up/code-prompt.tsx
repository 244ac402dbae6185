"use client";

import { type FormEvent, useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { CodeField } from "@/components/ui/code-field";
import type { Answer, PromptNotice } from "./call";
import { useSecondsLeft } from "./use-seconds-left";
import { noticeWords } from "./words";

type Props = {
  factor: "totp";
  label: string;
  verb: string;
  notice: PromptNotice | null;
  othersOffered: boolean;
  onAnswer(answer: Answer): Promise<void>;
};

/** A code from the app: submits itself once at six digits; after an error the person decides when. */
export function CodePrompt({ factor, label, verb, notice, othersOffered, onAnswer }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState(false);
  const wait = notice && "retryAfterSeconds" in notice ? notice.retryAfterSeconds : null;
  const left = useSecondsLeft(wait, notice);
  const error = notice && notice.kind !== "replaced" ? noticeWords(notice, left, othersOffered) : null;

  useEffect(() => {
    field.current?.focus();
    if (notice?.kind === "rejected") setCode("");
  }, [notice]);

  const submit = async (typed: string) => {
    if (busy) return;
    setBusy(true);
    await onAnswer({ factor, answer: { code: typed } });
    setBusy(false);
    field.current?.focus();
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void submit(code);
  };
  return (
    <form method="post" onSubmit={onSubmit} className="flex flex-col gap-3" noValidate>
      <CodeField
        ref={field}
        label={label}
        value={code}
        onChange={setCode}
        onComplete={submit}
        error={error}
        disabled={busy}
      />
      <Button type="submit" variant="primary" pending={busy}>
        {verb}
      </Button>
    </form>
  );
}
