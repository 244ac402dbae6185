"use client";

import { type FormEvent, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/field";
import { requestSignIn, signInWords } from "./sign-in-request";

/** Signed out in mid-work: the same person signs in here and goes on with the form as it was. */
export function SignInDialog({
  email,
  onSignedIn,
  onCancel,
}: {
  email: string;
  onSignedIn(): void;
  onCancel(): void;
}) {
  const field = useRef<HTMLInputElement>(null);
  const [password, setPassword] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const answer = await requestSignIn(email, password);
    setBusy(false);
    setError(signInWords(answer));
    if (answer.outcome === "signed-in") onSignedIn();
    else field.current?.focus();
  };
  return (
    <Dialog
      title="Sign in again"
      description={<p>You were signed out. What you typed is still here.</p>}
      onCancel={onCancel}
      initialFocus={field}
    >
      <form method="post" onSubmit={submit} className="flex flex-col gap-3" noValidate>
        <TextField label="Email" type="email" value={email} readOnly autoComplete="username" />
        <TextField
          ref={field}
          label="Password"
          type="password"
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
          error={error}
        />
        <Button type="submit" variant="primary" pending={busy}>
          Sign in
        </Button>
      </form>
      <p className="text-sm">
        Not you?{" "}
        <a className="underline underline-offset-4" href="/sign-in">
          Sign in as somebody else
        </a>{" "}
        and leave this page.
      </p>
      <Button onClick={onCancel}>Cancel</Button>
    </Dialog>
  );
}
