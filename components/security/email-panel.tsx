"use client";

import { type FormEvent, useState } from "react";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { When } from "@/components/ui/when";
import type { PendingEmail } from "@/lib/security/read";
import type { SecurityActions } from "./security-actions";
import { useAct } from "./use-act";

type Props = {
  email: string;
  pending: PendingEmail | null;
  actions: Pick<SecurityActions, "changeEmail" | "cancelEmailChange">;
};

/** Another e-mail address: both have to confirm before anything changes. */
export function EmailPanel({ email, pending, actions }: Props) {
  const change = useAct(actions.changeEmail, "email");
  const cancel = useAct(actions.cancelEmailChange);
  const [next, setNext] = useState("");
  const [error, setError] = useState<string | null>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const outcome = await change.act({ email: next }, "Mails are on their way");
    setError(outcome.status === "invalid" ? (outcome.fields.email ?? null) : null);
    if (outcome.status === "done") setNext("");
  };

  return (
    <Panel title="Email">
      <div className="flex flex-col gap-4">
        <p>
          You sign in as <strong className="font-semibold break-all">{email}</strong>.
        </p>
        {pending ? <Pending email={email} pending={pending} cancel={cancel} /> : null}
        <form method="post" onSubmit={submit} className="flex max-w-md flex-col gap-4" noValidate>
          {change.message ? <Notice tone="danger">{change.message}</Notice> : null}
          <TextField
            label="New email"
            type="email"
            autoComplete="email"
            value={next}
            onChange={(event) => setNext(event.target.value)}
            error={error}
            hint="We write to the old and to the new address. It changes once both have confirmed."
          />
          <Button type="submit" className="w-fit" pending={change.busy}>
            Change email
          </Button>
        </form>
      </div>
    </Panel>
  );
}

type PendingProps = {
  email: string;
  pending: PendingEmail;
  cancel: ReturnType<typeof useAct<{ cancelled: number }>>;
};

function Pending({ email, pending, cancel }: PendingProps) {
  const missing = [
    pending.confirmedAtOld ? null : email,
    pending.confirmedAtNew ? null : pending.email,
  ].filter((one) => one !== null);
  return (
    <Notice
      title={`A change to ${pending.email} is waiting`}
      action={
        <Button size="small" pending={cancel.busy} onClick={() => void cancel.act({}, "Your address stays")}>
          Give it up
        </Button>
      }
    >
      Confirm it by the link emailed to {missing.join(" and to ")}, until <When at={pending.expiresAt} />.
      {cancel.message ? <p role="alert">{cancel.message}</p> : null}
    </Notice>
  );
}
