"use client";

import { type FormEvent, useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { CodeField } from "@/components/ui/code-field";
import { Notice } from "@/components/ui/notice";
import type { SendCodeAnswer } from "@/lib/security/send-code";
import type { Action } from "@/lib/step-up/action-result";
import type { Delivery, SentCodeOptions } from "@/lib/step-up/factors/sent-code/sent-code";
import { type Answer, Call, type PromptNotice } from "./call";
import { SendAgain } from "./send-again";
import { useStepUpContext } from "./step-up-provider";
import { useSecondsLeft } from "./use-seconds-left";
import { deliveryWords, limitWords, noticeWords } from "./words";

type Props = {
  factor: "email-code" | "sms-code";
  options: unknown;
  token: string;
  verb: string;
  notice: PromptNotice | null;
  othersOffered: boolean;
  sendCode: Action<SendCodeAnswer>;
  /** null: asks for the challenge anew, which tells what became of the message. */
  onAnswer(answer: Answer | null): Promise<void>;
};

/** Later each time: what is not told in two minutes is not told at all. */
const firstLookMilliseconds = 3_000;

/** Whether more may become known: of a mail, nothing once it was handed over. */
function isSettling(delivery: Delivery, factor: "email-code" | "sms-code"): boolean {
  if (delivery === "sent") return factor === "sms-code";
  return delivery === "waiting" || delivery === "delayed";
}

/** A code that is sent when the person clicks for it, never on opening; then it is typed like any other. */
export function SentCodePrompt({
  factor,
  token,
  verb,
  notice,
  othersOffered,
  sendCode,
  onAnswer,
  ...rest
}: Props) {
  const { session } = useStepUpContext();
  const { authenticatorId, to, sent } = rest.options as SentCodeOptions;
  const field = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const looks = useRef(0);
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState<"sending" | "checking" | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const wait = notice && "retryAfterSeconds" in notice ? notice.retryAfterSeconds : null;
  const left = useSecondsLeft(wait, notice);
  const error = notice && notice.kind !== "replaced" ? noticeWords(notice, left, othersOffered) : null;
  const isSent = sent !== null;
  const settling = sent !== null && isSettling(sent.delivery, factor);

  // biome-ignore lint/correctness/useExhaustiveDependencies: focus goes into the field when a code is out, and back at every notice.
  useEffect(() => (isSent ? field : button).current?.focus(), [isSent, notice]);
  useEffect(() => {
    if (notice?.kind === "rejected") setCode("");
  }, [notice]);

  // Looks after a message that is on its way, while nothing else goes on and nothing has been said.
  useEffect(() => {
    if (!settling || busy || notice) return;
    const look = () => {
      looks.current += 1;
      void onAnswer(null);
    };
    const timer = setTimeout(look, firstLookMilliseconds * (1 + looks.current));
    return () => clearTimeout(timer);
  });

  const send = async () => {
    if (busy) return;
    setBusy("sending");
    setProblem(null);
    looks.current = 0;
    const outcome = await new Call(sendCode, { token, authenticatorId }, session.person.id).start();
    const answer = outcome?.status === "done" ? outcome.data : null;
    if (!answer) setProblem("The code could not be sent. Try again, or use another method.");
    else if (!answer.sent && answer.because === "limit")
      setProblem(limitWords(answer.retryAfterSeconds ?? 0, othersOffered));
    else if (!answer.sent) setProblem("This confirmation had expired. Send the code now.");
    if (answer) await onAnswer(null);
    setBusy(null);
    field.current?.focus();
  };
  const submit = async (typed: string) => {
    if (busy) return;
    setBusy("checking");
    await onAnswer({ factor, answer: { code: typed } });
    setBusy(null);
    field.current?.focus();
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    if (sent) void submit(code);
    else void send();
  };

  return (
    <form method="post" onSubmit={onSubmit} className="flex flex-col gap-3" noValidate>
      <p role="status">
        {sent ? deliveryWords(sent.delivery, factor) : "A code of six digits goes"} to{" "}
        <strong className="font-semibold">{to}</strong>
        {sent ? "." : ` by ${factor === "sms-code" ? "text message" : "mail"} when you ask for it.`}
      </p>
      {problem ? <Notice tone="danger">{problem}</Notice> : null}
      {sent?.delivery === "failed" ? (
        <Notice tone="danger">
          {factor === "sms-code" ? "The text message" : "The mail"} could not be delivered. Send it again
          {othersOffered ? ", or use another method." : "."}
        </Notice>
      ) : null}
      {sent ? (
        <CodeField
          ref={field}
          label={factor === "sms-code" ? "Code from the text message" : "Code from the mail"}
          value={code}
          onChange={setCode}
          onComplete={submit}
          error={error}
          disabled={busy !== null}
        />
      ) : null}
      {!sent && error ? <Notice tone="danger">{error}</Notice> : null}
      <Button ref={button} type="submit" variant="primary" pending={busy === (sent ? "checking" : "sending")}>
        {sent ? verb : "Send code"}
      </Button>
      {sent ? (
        <SendAgain inSeconds={sent.resendInSeconds} busy={busy === "sending"} onSend={() => void send()} />
      ) : null}
    </form>
  );
}
