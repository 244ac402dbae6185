"use client";

import { type FormEvent, useEffect, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { CodeField } from "@/components/ui/code-field";
import { TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import type { EnrolmentOffer } from "@/lib/security/enrol";
import type { EnrolmentCodeAnswer } from "@/lib/security/enrol-codes";
import { Call, type Outcome } from "./call";
import type { Activated, EnrolmentActions } from "./enrolment-actions";
import { Limit, SendAgain } from "./send-again";
import { useStepUpContext } from "./step-up-provider";
import { refusedCodeWords } from "./words";

type Props = {
  factor: "email-code" | "sms-code";
  offer: EnrolmentOffer;
  actions: Pick<EnrolmentActions, "sendEnrolmentCode" | "activateSentCodes">;
  onDone(result: Activated): void;
};

type Refused = Extract<EnrolmentCodeAnswer, { sent: false }>;
type Sent = Extract<EnrolmentCodeAnswer, { sent: true }>;

/** The number or address first, then the code that was sent there: active only once it is typed back. */
export function SetUpCodes({ factor, offer, actions, onDone }: Props) {
  const { session } = useStepUpContext();
  const field = useRef<HTMLInputElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [number, setNumber] = useState("");
  const [code, setCode] = useState("");
  const [sent, setSent] = useState<Sent | null>(null);
  const [refused, setRefused] = useState<Refused | null>(null);
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState<"sending" | "checking" | null>(null);
  const bySms = factor === "sms-code";
  const { enrolmentId } = offer;

  // biome-ignore lint/correctness/useExhaustiveDependencies: focus follows the step: number, then code.
  useEffect(() => (field.current ?? button.current)?.focus(), [sent]);

  const fail = (outcome: Outcome<unknown> | null) => {
    const invalid = outcome?.status === "invalid" ? outcome : null;
    const inFields = Object.keys(invalid?.fields ?? {}).length > 0;
    setErrors(invalid?.fields ?? {});
    setMessage(inFields ? null : (invalid?.message ?? "This could not be done. Try again in a moment."));
  };
  const send = async () => {
    if (busy) return;
    setBusy("sending");
    setErrors({});
    setMessage(null);
    setRefused(null);
    const input = { enrolmentId, factor, number: bySms ? number : null };
    const outcome = await new Call(actions.sendEnrolmentCode, input, session.person.id).start();
    setBusy(null);
    if (outcome?.status !== "done") return fail(outcome);
    if (!outcome.data.sent) return setRefused(outcome.data);
    setCode("");
    setSent(outcome.data);
  };
  const activate = async (typed: string) => {
    if (busy) return;
    setBusy("checking");
    setErrors({});
    setMessage(null);
    const input = { enrolmentId, factor, code: typed };
    const outcome = await new Call(actions.activateSentCodes, input, session.person.id).start();
    setBusy(null);
    if (outcome?.status !== "done") return fail(outcome);
    if (outcome.data.activated) return onDone(outcome.data);
    setErrors({ code: refusedCodeWords(outcome.data, "That is not the code of the newest message.") });
    setCode("");
    field.current?.focus();
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void (sent ? activate(code) : send());
  };

  return (
    <form method="post" onSubmit={onSubmit} className="flex flex-col gap-3" noValidate>
      {sent ? (
        <p role="status">
          We sent a code to <strong className="font-semibold">{sent.to}</strong>. It may take a minute.
        </p>
      ) : (
        <p>{bySms ? smsWords : `Codes go to ${offer.codesTo}, the address of your account.`}</p>
      )}
      {message ? <Notice tone="danger">{message}</Notice> : null}
      {refused ? <Limit refusal={refused} /> : null}
      {!sent && bySms ? (
        <TextField
          ref={field}
          label="Phone number"
          type="tel"
          autoComplete="tel"
          inputMode="tel"
          value={number}
          onChange={(event) => setNumber(event.target.value)}
          hint="With its country code, such as +49 170 1234567"
          error={errors.number}
        />
      ) : null}
      {sent ? (
        <CodeField
          ref={field}
          label={bySms ? "Code from the text message" : "Code from the email"}
          value={code}
          onChange={setCode}
          error={errors.code ?? null}
          disabled={busy !== null}
        />
      ) : null}
      <Button ref={button} type="submit" variant="primary" pending={busy !== null}>
        {sent ? "Activate" : "Send code"}
      </Button>
      {sent ? (
        <>
          <SendAgain inSeconds={sent.resendInSeconds} busy={busy === "sending"} onSend={() => void send()} />
          {bySms ? (
            <Button variant="quiet" className="w-fit px-0" onClick={() => setSent(null)}>
              Use another number
            </Button>
          ) : null}
        </>
      ) : null}
    </form>
  );
}

const smsWords =
  "Which phone do your codes go to? We send one now, to see that it arrives. Whoever takes over your number gets them as well: prefer a passkey or an app where you can.";
