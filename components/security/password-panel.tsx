"use client";

import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { When } from "@/components/ui/when";
import type { SecurityActions } from "./security-actions";
import { useAct } from "./use-act";

type Props = {
  email: string;
  changedAt: Date | null;
  /** Without a second factor the proof is the password itself: it isn't asked for twice. */
  first: boolean;
  change: SecurityActions["changePassword"];
};

/** A new password; other sessions end with the old one. */
export function PasswordPanel({ email, changedAt, first, change }: Props) {
  const { act, busy, message } = useAct(change, "current", "next");
  const [current, setCurrent] = useState("");
  const [next, setNext] = useState("");
  const [errors, setErrors] = useState<Record<string, string>>({});

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if (!first && current === "") return setErrors({ current: "Type your current password." });
    const outcome = await act({ current: first ? "" : current, next }, "Password changed");
    setErrors(outcome.status === "invalid" ? outcome.fields : {});
    if (outcome.status !== "done") return;
    setCurrent("");
    setNext("");
  };

  return (
    <Panel title="Password">
      <form method="post" onSubmit={submit} className="flex max-w-md flex-col gap-4" noValidate>
        {message ? <Notice tone="danger">{message}</Notice> : null}
        {changedAt ? (
          <p className="text-ink-soft text-sm">
            In use since <When at={changedAt} />
          </p>
        ) : null}
        {/* So that password managers know whose password it is. */}
        <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
        {first ? null : (
          <TextField
            label="Current password"
            type="password"
            autoComplete="current-password"
            value={current}
            onChange={(event) => setCurrent(event.target.value)}
            error={errors.current}
          />
        )}
        <TextField
          label="New password"
          type="password"
          autoComplete="new-password"
          value={next}
          onChange={(event) => setNext(event.target.value)}
          error={errors.next}
          hint="At least 15 characters; a few words are easiest to remember. Other sessions are signed out."
        />
        <Button type="submit" className="w-fit" pending={busy}>
          Change password
        </Button>
      </form>
    </Panel>
  );
}
