"use client";

import { startAuthentication } from "@simplewebauthn/browser";
import { useCallback, useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { Answer, PromptNotice } from "./call";
import { noticeWords } from "./words";

type Props = {
  options: unknown;
  notice: PromptNotice | null;
  othersOffered: boolean;
  /** The person has just clicked for it in the list of methods. */
  startNow: boolean;
  onAnswer(answer: Answer): Promise<void>;
};

type PasskeyOptions = { request: Parameters<typeof startAuthentication>[0]["optionsJSON"] };

/** A passkey, on a click and never on opening: Safari cancels unfocused calls, and a surprise confuses. */
export function PasskeyPrompt({ options, notice, othersOffered, startNow, onAnswer }: Props) {
  const button = useRef<HTMLButtonElement>(null);
  const [busy, setBusy] = useState(false);
  const [closed, setClosed] = useState(false);
  const started = useRef(false);
  const error = closed
    ? `The passkey prompt was closed or timed out. Try again${othersOffered ? ", or use a code" : ""}.`
    : notice && notice.kind !== "replaced"
      ? noticeWords(notice, null, othersOffered)
      : null;

  const use = useCallback(async () => {
    setBusy(true);
    setClosed(false);
    try {
      const { request } = options as PasskeyOptions;
      const answer = await startAuthentication({ optionsJSON: request });
      await onAnswer({ factor: "passkey", answer });
    } catch {
      // Cancelled, timed out and "no such passkey" cannot be told apart.
      setClosed(true);
    }
    setBusy(false);
    button.current?.focus();
  }, [options, onAnswer]);

  useEffect(() => {
    if (!startNow || started.current) {
      button.current?.focus();
      return;
    }
    started.current = true;
    void use();
  }, [startNow, use]);

  return (
    <div className="flex flex-col gap-3">
      <p className="text-ink-soft">Your fingerprint, face or screen lock confirms it on this device.</p>
      {error ? <Notice tone="danger">{error}</Notice> : null}
      <Button ref={button} variant="primary" pending={busy} onClick={() => void use()}>
        Use a passkey
      </Button>
    </div>
  );
}
