"use client";

import { type FormEvent, useRef, useState } from "react";
import { requestSignIn, signInWords } from "@/components/step-up/sign-in-request";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";

/** Email and password. The whole page is loaded anew afterwards: nothing of another person's stays in memory. */
export function SignInForm({ target }: { target: string }) {
  const passwordField = useRef<HTMLInputElement>(null);
  const [email, setEmail] = useState("");
  const [password, setPassword] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    const answer = await requestSignIn(email, password);
    if (answer.outcome === "signed-in") return window.location.assign(target);
    setBusy(false);
    setError(signInWords(answer));
    passwordField.current?.focus();
    passwordField.current?.select();
  };
  return (
    <form method="post" onSubmit={submit} className="flex flex-col gap-4" noValidate>
      {error ? <Notice tone="danger">{error}</Notice> : null}
      <TextField
        label="Email"
        name="email"
        type="email"
        autoComplete="username"
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        required
      />
      <TextField
        ref={passwordField}
        label="Password"
        name="password"
        type="password"
        autoComplete="current-password"
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        required
      />
      <Button type="submit" variant="primary" pending={busy}>
        Sign in
      </Button>
      <a className="flex min-h-6 w-fit items-center text-sm underline underline-offset-4" href="/reset">
        Forgot password?
      </a>
    </form>
  );
}
