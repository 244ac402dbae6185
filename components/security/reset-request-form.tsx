"use client";

import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import type { PublicAction } from "@/lib/public-command";
import { usePublicAct } from "./use-public-act";

/** Asks for a mailed link. What it says afterwards is the same for every address (threats.md 23). */
export function ResetRequestForm({ request }: { request: PublicAction<null> }) {
  const { act, busy, message } = usePublicAct(request);
  const [email, setEmail] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [sent, setSent] = useState(false);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const result = await act({ email });
    setError(result?.status === "invalid" ? (result.fields.email ?? null) : null);
    setSent(result?.status === "done");
  };

  return (
    <form method="post" onSubmit={submit} className="flex flex-col gap-4" noValidate>
      {sent ? (
        <Notice tone="open" title="Look into your mailbox">
          If this address has an account here, a mail with a link is on its way. The link works for 15
          minutes. Nothing there? Look among the unwanted mails, or ask an administrator.
        </Notice>
      ) : null}
      {message ? <Notice tone="danger">{message}</Notice> : null}
      <TextField
        label="Email"
        name="email"
        type="email"
        autoComplete="username"
        value={email}
        onChange={(event) => setEmail(event.target.value)}
        error={error}
        hint="We mail you a link with which you choose a new password."
        required
      />
      <Button type="submit" variant="primary" pending={busy}>
        Send reset link
      </Button>
    </form>
  );
}
