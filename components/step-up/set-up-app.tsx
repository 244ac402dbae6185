"use client";

import { type FormEvent, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { CodeField } from "@/components/ui/code-field";
import { CopyButton } from "@/components/ui/copy-button";
import { TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { QrCode } from "@/components/ui/qr-code";
import type { EnrolmentOffer } from "@/lib/security/enrol";
import type { Action } from "@/lib/step-up/action-result";
import { Call } from "./call";
import type { Activated } from "./enrolment-actions";
import { useStepUpContext } from "./step-up-provider";

type Props = { offer: EnrolmentOffer; activate: Action<Activated>; onDone(result: Activated): void };

/** QR code, the key in groups of four, a link for the same phone; active only after one valid code. */
export function SetUpApp({ offer, activate, onDone }: Props) {
  const { session } = useStepUpContext();
  const field = useRef<HTMLInputElement>(null);
  const [name, setName] = useState("Authenticator app");
  const [code, setCode] = useState("");
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const { uri, key } = offer.app;

  const submit = async (typed: string) => {
    if (busy) return;
    setBusy(true);
    const outcome = await new Call(
      activate,
      { enrolmentId: offer.enrolmentId, code: typed, name },
      session.person.id,
    ).start();
    setBusy(false);
    if (outcome?.status === "done") return onDone(outcome.data);
    const invalid = outcome?.status === "invalid" ? outcome : null;
    setErrors(invalid?.fields ?? {});
    setMessage(
      invalid && Object.keys(invalid.fields).length > 0
        ? null
        : (invalid?.message ?? "This could not be saved. Try again in a moment."),
    );
    setCode("");
    field.current?.focus();
  };
  const onSubmit = (event: FormEvent) => {
    event.preventDefault();
    void submit(code);
  };
  return (
    <form method="post" onSubmit={onSubmit} className="flex flex-col gap-3" noValidate>
      <p>Scan this with your authenticator app, or type the key into it.</p>
      <div className="flex flex-wrap items-center gap-4">
        <QrCode text={uri} label="QR code of the setup key" />
        <div className="flex min-w-40 flex-1 flex-col items-start gap-2">
          <span className="font-medium text-sm">Setup key</span>
          {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is for controls; this groups a label and a text. */}
          <div role="group" aria-label="Setup key" className="break-all font-mono text-sm">
            {key.replace(/(.{4})(?=.)/g, "$1 ")}
          </div>
          <CopyButton text={key} label="Copy key" />
          <a href={uri} className="text-sm underline underline-offset-4">
            Open in an app on this device
          </a>
        </div>
      </div>
      {message ? <Notice tone="danger">{message}</Notice> : null}
      <TextField
        label="Name"
        value={name}
        onChange={(event) => setName(event.target.value)}
        maxLength={60}
        error={errors.name}
        autoComplete="off"
      />
      <CodeField
        ref={field}
        label="Authentication code"
        value={code}
        onChange={setCode}
        error={errors.code ?? null}
        disabled={busy}
      />
      <Button type="submit" variant="primary" pending={busy}>
        Activate
      </Button>
    </form>
  );
}
