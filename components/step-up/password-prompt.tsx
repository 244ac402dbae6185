"use client";

import { type FormEvent, useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import type { Answer, PromptNotice } from "./call";
import { useSecondsLeft } from "./use-seconds-left";
import { noticeWords } from "./words";

type Props = {
  factor: "password" | "recovery-code";
  label: string;
  verb: string;
  notice: PromptNotice | null;
  othersOffered: boolean;
  onAnswer(answer: Answer): Promise<void>;
};

/** A secret that is typed as a text: the password, or a recovery code. */
export function PasswordPrompt({ factor, label, verb, notice, othersOffered, onAnswer }: Props) {
  const field = useRef<HTMLInputElement>(null);
  const [text, setText] = useState("");
  const [busy, setBusy] = useState(false);
  const wait = notice && "retryAfterSeconds" in notice ? notice.retryAfterSeconds : null;
  const left = useSecondsLeft(wait, notice);
  const error = notice && notice.kind !== "replaced" ? noticeWords(notice, left, othersOffered) : null;

  // biome-ignore lint/correctness/useExhaustiveDependencies: focus goes back into the field at every notice.
  useEffect(() => field.current?.focus(), [notice]);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    await onAnswer({ factor, answer: factor === "password" ? { password: text } : { code: text } });
    setBusy(false);
  };
  return (
    <form method="post" onSubmit={submit} className="flex flex-col gap-3" noValidate>
      <TextField
        ref={field}
        label={label}
        name={factor}
        type={factor === "password" ? "password" : "text"}
        autoComplete={factor === "password" ? "current-password" : "off"}
        spellCheck={false}
        value={text}
        onChange={(event) => setText(event.target.value)}
        error={error}
      />
      <Button type="submit" variant="primary" pending={busy}>
        {verb}
      </Button>
    </form>
  );
}
