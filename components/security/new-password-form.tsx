"use client";

import { type FormEvent, useRef, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import type { PublicAction } from "@/lib/public-command";
import { usePublicAct } from "./use-public-act";

type Props = {
  token: string;
  complete: PublicAction<null>;
  /** The link is over, and another one is asked for. */
  onOver(): void;
};

/** Chooses a new password with a mailed link, and then leads to the sign-in. */
export function NewPasswordForm({ token, complete, onOver }: Props) {
  const { act, busy, message } = usePublicAct(complete);
  const field = useRef<HTMLInputElement>(null);
  const [password, setPassword] = useState("");
  const [shown, setShown] = useState(false);
  const [error, setError] = useState<string | null>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (busy) return;
    const result = await act({ token, password });
    if (result?.status === "done") return window.location.assign("/sign-in?reset=done");
    setError(result?.status === "invalid" ? (result.fields.password ?? null) : null);
    field.current?.focus();
  };

  return (
    <form method="post" onSubmit={submit} className="flex flex-col gap-4" noValidate>
      {message ? (
        <Notice
          tone="danger"
          action={
            <Button size="small" onClick={onOver}>
              Ask for a new link
            </Button>
          }
        >
          {message}
        </Notice>
      ) : null}
      <TextField
        ref={field}
        label="New password"
        name="password"
        type={shown ? "text" : "password"}
        autoComplete="new-password"
        autoCapitalize="none"
        spellCheck={false}
        value={password}
        onChange={(event) => setPassword(event.target.value)}
        error={error}
        hint="At least 15 characters; a few words are easiest to remember. You are signed out everywhere, and your second factor stays."
        required
      />
      <label className="flex min-h-6 w-fit items-center gap-2">
        <input
          type="checkbox"
          className="size-4 accent-brand"
          checked={shown}
          onChange={(event) => setShown(event.target.checked)}
        />
        Show password
      </label>
      <Button type="submit" variant="primary" pending={busy}>
        Save new password
      </Button>
    </form>
  );
}
