"use client";

import { useRouter } from "next/navigation";
import { type FormEvent, useState } from "react";
import { useAct } from "@/components/security/use-act";
import { Limit } from "@/components/step-up/send-again";
import { isSettling, useLookAfter } from "@/components/step-up/use-look-after";
import { deliveryWords, refusedCodeWords } from "@/components/step-up/words";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import type { TrialSent } from "@/lib/policy/factors/try-factor";
import type { Delivery } from "@/lib/step-up/factors/sent-code/sent-code";
import type { FactorActions } from "./factors-view";

export type CodeFactor = "email-code" | "sms-code";

type Props = { factor: CodeFactor; actions: FactorActions };

/** A real message before the factor can go on: sent, and its code typed back. `delivery`: null where none is open. */
export function Trial({ factor, delivery, actions }: Props & { delivery: Delivery | null }) {
  const [confirming, setConfirming] = useState(delivery !== null);
  const [to, setTo] = useState<string | null>(null);
  const sent = (masked: string) => {
    setTo(masked);
    setConfirming(true);
  };
  return (
    <div className="flex flex-col gap-3 rounded-md border border-line p-3">
      <p>Before it can go on, try it: send yourself a message, and type the code that comes.</p>
      {confirming ? (
        <Confirm
          factor={factor}
          delivery={delivery ?? "waiting"}
          to={to}
          actions={actions}
          onAgain={() => setConfirming(false)}
        />
      ) : (
        <Send factor={factor} actions={actions} onSent={sent} />
      )}
    </div>
  );
}

function Send({ factor, actions, onSent }: Props & { onSent(to: string): void }) {
  const { act, busy, message } = useAct(actions.sendTrial, "number");
  const [number, setNumber] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [refused, setRefused] = useState<Extract<TrialSent, { sent: false }> | null>(null);
  const bySms = factor === "sms-code";
  const send = async (event: FormEvent) => {
    event.preventDefault();
    setRefused(null);
    const input = { factor, number: bySms ? number : null };
    const outcome = await act(input, ({ sent }) => (sent ? "Message on its way" : null));
    setError(outcome.status === "invalid" ? (outcome.fields.number ?? null) : null);
    if (outcome.status !== "done") return;
    if (outcome.data.sent) onSent(outcome.data.to);
    else setRefused(outcome.data);
  };
  return (
    <form method="post" noValidate className="flex flex-col gap-3" onSubmit={(event) => void send(event)}>
      {message ? <Notice tone="danger">{message}</Notice> : null}
      {refused ? <Limit refusal={refused} /> : null}
      {bySms ? (
        <TextField
          label="Phone number"
          type="tel"
          autoComplete="tel"
          hint="With its country code, such as +49 170 1234567"
          value={number}
          error={error}
          onChange={(event) => setNumber(event.target.value)}
        />
      ) : null}
      <Button type="submit" className="self-start" pending={busy}>
        {bySms ? "Send a text message" : "Send me an email"}
      </Button>
    </form>
  );
}

type ConfirmProps = Props & { delivery: Delivery; to: string | null; onAgain(): void };

function Confirm({ factor, delivery, to, actions, onAgain }: ConfirmProps) {
  const router = useRouter();
  const { act, busy, message } = useAct(actions.confirmTrial);
  const [code, setCode] = useState("");
  const [error, setError] = useState<string | null>(null);
  useLookAfter(isSettling(delivery, factor) && !busy, () => router.refresh());
  const confirm = async (event: FormEvent) => {
    event.preventDefault();
    setError(null);
    const outcome = await act({ factor, code }, ({ came }) => (came ? "It works" : null));
    if (outcome.status === "done" && !outcome.data.came)
      setError(refusedCodeWords(outcome.data, "That is not the code that was sent."));
  };
  return (
    <form method="post" noValidate className="flex flex-col gap-3" onSubmit={(event) => void confirm(event)}>
      {message ? <Notice tone="danger">{message}</Notice> : null}
      <p role="status">
        {deliveryWords(delivery, factor)}
        {to ? ` to ${to}` : ""}.
      </p>
      {delivery === "failed" ? (
        <Notice tone="danger">
          {factor === "sms-code" ? "The text message" : "The email"} could not be delivered. Whoever runs the
          host finds why in the outbox and the log.
        </Notice>
      ) : null}
      <TextField
        label="Code from the message"
        autoComplete="one-time-code"
        inputMode="numeric"
        value={code}
        error={error}
        onChange={(event) => setCode(event.target.value)}
      />
      <div className="flex gap-2">
        <Button type="submit" variant="primary" pending={busy}>
          Confirm that it came
        </Button>
        <Button onClick={onAgain}>Send another one</Button>
      </div>
    </form>
  );
}
