"use client";

import { type FormEvent, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import type { Accepted, InvitationView } from "@/lib/people/accept-invitation";
import type { PublicAction } from "@/lib/public-command";
import { usePublicAct } from "./use-public-act";

type Props = {
  token: string;
  invitation: InvitationView;
  accept: PublicAction<Accepted>;
  onAccepted(accepted: Accepted): void;
};

/** Name and password of the account that the link makes. A recovery keeps the name. */
export function AcceptForm({ token, invitation, accept, onAccepted }: Props) {
  const form = useRef<HTMLFormElement>(null);
  const [name, setName] = useState(invitation.name);
  const [password, setPassword] = useState("");
  const [errors, setErrors] = useState<Record<string, string>>({});
  const { act, busy, message } = usePublicAct(accept);
  const recovers = invitation.purpose === "recovery";

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const result = await act({ token, name, password });
    if (result?.status === "done") return onAccepted(result.data);
    const fields = result?.status === "invalid" ? result.fields : {};
    setErrors(fields);
    const wrong = ["name", "password"].find((field) => fields[field]);
    if (wrong) form.current?.querySelector<HTMLInputElement>(`[name=${wrong}]`)?.focus();
  };
  return (
    <form method="post" ref={form} onSubmit={submit} className="flex flex-col gap-4" noValidate>
      {message ? <Notice tone="danger">{message}</Notice> : null}
      {/* Password managers keep the new password under the name that signs in. */}
      <input type="text" name="username" autoComplete="username" value={invitation.email} readOnly hidden />
      {recovers ? null : (
        <TextField
          label="Name"
          name="name"
          autoComplete="name"
          maxLength={120}
          value={name}
          onChange={(event) => setName(event.target.value)}
          error={errors.name}
          required
        />
      )}
      <TextField
        label="Password"
        name="password"
        type="password"
        autoComplete="new-password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        hint="At least 15 characters; some words that belong together only for you are easy to remember."
        error={errors.password}
        required
      />
      <Button type="submit" variant="primary" pending={busy}>
        {recovers ? "Recover account" : "Create account"}
      </Button>
    </form>
  );
}
