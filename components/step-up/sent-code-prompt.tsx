"use client";

import { type FormEvent, useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { CodeField } from "@/components/ui/code-field";
import { Notice } from "@/components/ui/notice";
import type { SendCodeAnswer } from "@/lib/security/send-code";
import type { Action } from "@/lib/step-up/action-result";
import type { SendRefusal } from "@/lib/step-up/factors/sent-code/limits";
import type { SentCodeOptions } from "@/lib/step-up/factors/sent-code/sent-code";
import { type Answer, Call, type PromptNotice } from "./call";
import { Limit, SendAgain, SendLater } from "./send-again";
import { useStepUpContext } from "./step-up-provider";
import { isSettling, useLookAfter } from "./use-look-after";
import { useSecondsLeft } from "./use-seconds-left";
import { deliveryWords, noticeWords } from "./words";

type Props = {
  factor: "email-code" | "sms-code";
  options: unknown;
  token: string;
  /** When the challenge came: switching methods and back makes nobody wait anew. */
  receivedAt: number;
  verb: string;
  notice: PromptNotice | null;
  othersOffered: boolean;
  sendCode: Action<SendCodeAnswer>;
  /** null: asks for the challenge anew, which tells what became of the message. */
  onAnswer(answer: Answer | null): Promise<void>;
};

/** A code that is sent when the person clicks for it, never on opening; then it is typed like any other. */
export function SentCodePrompt({
  factor,
  token,
  receivedAt,
  verb,
  notice,
  othersOffered,
  sendCode,
  onAnswer,
  ...rest
}: Props) {
  const { session } = useStepUpContext();
  const { authenticatorId, to, sendInSeconds, sent } = rest.options as SentCodeOptions;
  const field = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [code, setCode] = useState("");
  const [busy, setBusy] = useState<"sending" | "checking" | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [refusal, setRefusal] = useState<SendRefusal | null>(null);
  const [told, forgetTold] = useTold(notice);
  const wait = told && "retryAfterSeconds" in told ? told.retryAfterSeconds : null;
  const left = useSecondsLeft(wait, told);
  const error = told ? noticeWords(told, left, othersOffered) : null;
  const waiting = useSecondsLeft(sendInSeconds, rest.options, receivedAt) ?? 0;
  const isSent = sent !== null;
  const settling = sent !== null && isSettling(sent.delivery, factor);

  // biome-ignore lint/correctness/useExhaustiveDependencies: focus goes into the field when a code is out, and back at every notice.
  useEffect(() => (isSent ? field : button).current?.focus(), [isSent, told]);
  useEffect(() => {
    if (told?.kind === "rejected") setCode("");
  }, [told]);

  // While nothing else goes on; also after a wrong code, which may have been another message's.
  const looking = settling && !busy && notice?.kind !== "replaced";
  const lookAnew = useLookAfter(looking, () => void onAnswer(null));

  const send = async () => {
    if (busy) return;
    setBusy("sending");
    setProblem(null);
    setRefusal(null);
    forgetTold();
    lookAnew();
    const outcome = await new Call(sendCode, { token, authenticatorId }, session.person.id).start();
    const answer = outcome?.status === "done" ? outcome.data : null;
    if (!answer) setProblem("The code could not be sent. Try again, or use another method.");
    else if (!answer.sent && answer.because === "over")
      setProblem("This confirmation had expired. Send the code now.");
    // The ordinary wait is told by the countdown, which comes with the new challenge.
    else if (!answer.sent && answer.because !== "wait") setRefusal(answer);
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
    else if (waiting === 0) void send();
  };

  return (
    <form method="post" onSubmit={onSubmit} className="flex flex-col gap-3" noValidate>
      <p role="status">
        {sent ? deliveryWords(sent.delivery, factor) : "A code of six digits goes"} to{" "}
        <strong className="font-semibold">{to}</strong>
        {sent ? "." : ` by ${factor === "sms-code" ? "text message" : "email"} when you ask for it.`}
      </p>
      {problem ? <Notice tone="danger">{problem}</Notice> : null}
      {refusal ? <Limit refusal={refusal} others={othersOffered} /> : null}
      {sent?.delivery === "failed" ? (
        <Notice tone="danger">
          {factor === "sms-code" ? "The text message" : "The email"} could not be delivered. Send it again
          {othersOffered ? ", or use another method." : "."}
        </Notice>
      ) : null}
      {sent ? (
        <CodeField
          ref={field}
          label={factor === "sms-code" ? "Code from the text message" : "Code from the email"}
          value={code}
          onChange={setCode}
          onComplete={submit}
          error={error}
          disabled={busy !== null}
        />
      ) : null}
      {!sent && error ? <Notice tone="danger">{error}</Notice> : null}
      <Button
        ref={button}
        type="submit"
        variant="primary"
        // Not `disabled`: the focus waits here, too.
        aria-disabled={!sent && waiting > 0}
        pending={busy === (sent ? "checking" : "sending")}
      >
        {sent ? verb : "Send code"}
      </Button>
      {sent ? (
        <SendAgain
          inSeconds={sendInSeconds}
          since={receivedAt}
          busy={busy === "sending"}
          onSend={() => void send()}
        />
      ) : null}
      {!sent && waiting > 0 ? <SendLater seconds={waiting} /> : null}
    </form>
  );
}

/**
 * What was said of the last answer, until the next one or another code: looking after the message brings challenges that
 * say nothing of it. That Keyturn could not be reached is over with the first of them.
 */
function useTold(notice: PromptNotice | null): [PromptNotice | null, () => void] {
  const [seen, setSeen] = useState<PromptNotice | null>(null);
  const [told, setTold] = useState<PromptNotice | null>(null);
  if (notice !== seen) {
    setSeen(notice);
    if (notice) setTold(notice.kind === "replaced" ? null : notice);
    else if (told?.kind === "offline") setTold(null);
  }
  return [told, () => setTold(null)];
}
