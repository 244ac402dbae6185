"use client";

import { type FormEvent, useState } from "react";
import { useAct } from "@/components/security/use-act";
import { limitWords } from "@/components/step-up/words";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import type { FactorActions } from "./factors-view";

export type CodeFactor = "email-code" | "sms-code";

type Props = { factor: CodeFactor; actions: FactorActions };

/** A real message before the factor can go on: sent, and its code typed back. */
export function Trial({ factor, actions }: Props) {
  const [to, setTo] = useState<string | null>(null);
  return (
    <div className="flex flex-col gap-3 rounded-md border border-line p-3">
      <p>Before it can go on, try it: send yourself a message, and type the code that comes.</p>
      {to === null ? (
        <Send factor={factor} actions={actions} onSent={setTo} />
      ) : (
        <Confirm factor={factor} actions={actions} to={to} onAgain={() => setTo(null)} />
      )}
    </div>
  );
}

function Send({ factor, actions, onSent }: Props & { onSent(to: string): void }) {
  const { act, busy, message } = useAct(actions.sendTrial);
  const [number, setNumber] = useState("");
  const [error, setError] = useState<string | null>(null);
  const bySms = factor === "sms-code";
  const send = async (event: FormEvent) => {
    event.preventDefault();
    const outcome = await act({ factor, number: bySms ? number : null }, "Message on its way");
    setError(outcome.status === "invalid" ? (outcome.fields.number ?? null) : null);
    if (outcome.status !== "done") return;
    if (outcome.data.sent) onSent(outcome.data.to);
    else setError(limitWords(outcome.data.retryAfterSeconds, false));
  };
  return (
    <form method="post" noValidate className="flex flex-col gap-3" onSubmit={(event) => void send(event)}>
      {message ? <Notice tone="danger">{message}</Notice> : null}
      {bySms ? (
        <TextField
          label="Phone number"
          type="tel"
          autoComplete="tel"
          hint="With its country, such as +49 170 1234567."
          value={number}
          error={error}
          onChange={(event) => setNumber(event.target.value)}
        />
      ) : error ? (
        <Notice tone="danger">{error}</Notice>
      ) : null}
      <Button type="submit" className="self-start" pending={busy}>
        {bySms ? "Send a text message" : "Send a mail to me"}
      </Button>
    </form>
  );
}

function Confirm({ factor, actions, to, onAgain }: Props & { to: string; onAgain(): void }) {
  const { act, busy, message } = useAct(actions.confirmTrial);
  const [code, setCode] = useState("");
  const [error, setError] = useState<string | null>(null);
  const confirm = async (event: FormEvent) => {
    event.preventDefault();
    setError(null);
    const outcome = await act({ factor, code }, "Checked");
    if (outcome.status === "done" && !outcome.data.came)
      setError("That is not the code that was sent. Type it again, or send another one.");
  };
  return (
    <form method="post" noValidate className="flex flex-col gap-3" onSubmit={(event) => void confirm(event)}>
      {message ? <Notice tone="danger">{message}</Notice> : null}
      <p>Sent to {to}.</p>
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
