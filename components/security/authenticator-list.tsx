"use client";

import { type FormEvent, useState } from "react";
import { signalPasskey } from "@/components/step-up/signal-passkey";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Badge, Notice } from "@/components/ui/notice";
import { When } from "@/components/ui/when";
import type { OwnAuthenticator } from "@/lib/security/read";
import type { SecurityActions } from "./security-actions";
import { useAct } from "./use-act";

type Acts = Pick<SecurityActions, "renameFactor" | "removeFactor">;
type Props = { label: string; items: OwnAuthenticator[]; now: Date; empty: string; actions: Acts };

/** The authenticators of one kind, a card each. */
export function AuthenticatorList({ label, items, now, empty, actions }: Props) {
  if (items.length === 0) return <p className="text-ink-soft">{empty}</p>;
  return (
    <ul aria-label={label} className="flex flex-col divide-y divide-line">
      {items.map((one) => (
        <Item key={one.id} one={one} now={now} actions={actions} />
      ))}
    </ul>
  );
}

function Item({ one, now, actions }: { one: OwnAuthenticator; now: Date; actions: Acts }) {
  const [renaming, setRenaming] = useState(false);
  const remove = useAct(actions.removeFactor);

  const onRemove = async () => {
    const outcome = await remove.act({ authenticatorId: one.id }, `${one.name} removed`);
    if (outcome.status === "done") void signalPasskey(outcome.data.signal);
  };

  return (
    <li className="flex flex-col gap-2 py-3 first:pt-0 last:pb-0">
      <div className="flex flex-wrap items-start justify-between gap-x-4 gap-y-2">
        <div className="min-w-0">
          <p className="flex flex-wrap items-center gap-x-2 font-medium">
            <span className="break-words">{one.name}</span>
            {one.synced === null ? null : <Badge>{one.synced ? "synced" : "only on this device"}</Badge>}
            {one.suspendedAt ? <Badge tone="danger">suspended</Badge> : null}
          </p>
          <p className="text-ink-soft text-sm">
            Added <When at={one.createdAt} />,{" "}
            {one.lastUsedAt ? (
              <>
                last used <When at={one.lastUsedAt} />
              </>
            ) : (
              "not used yet"
            )}
          </p>
        </div>
        <div className="flex gap-2">
          <Button
            size="small"
            aria-label={`Rename ${one.name}`}
            aria-expanded={renaming}
            onClick={() => setRenaming(!renaming)}
          >
            Rename
          </Button>
          <Button
            size="small"
            aria-label={`Remove ${one.name}`}
            pending={remove.busy}
            onClick={() => void onRemove()}
          >
            Remove
          </Button>
        </div>
      </div>
      {one.suspendedAt ? (
        <p className="text-danger text-sm">
          Suspended: you said that adding it wasn't you. It confirms nothing; remove it.
        </p>
      ) : null}
      {one.voidSince ? (
        <p className="text-sm text-warn">
          Your password was reset by email on <When at={one.voidSince} />: these codes confirm nothing until
          you have confirmed with something else.
        </p>
      ) : null}
      {one.probationUntil && one.probationUntil > now ? (
        <p className="text-sm text-warn">
          On probation until <When at={one.probationUntil} />: it opens and edits records, but confirms no
          bank details, exports, administration or changes of your account yet.
        </p>
      ) : null}
      {remove.message ? <Notice tone="danger">{remove.message}</Notice> : null}
      {renaming ? <Rename one={one} action={actions.renameFactor} onDone={() => setRenaming(false)} /> : null}
    </li>
  );
}

type RenameProps = { one: OwnAuthenticator; action: SecurityActions["renameFactor"]; onDone(): void };

function Rename({ one, action, onDone }: RenameProps) {
  const { act, busy, message } = useAct(action, "name");
  const [name, setName] = useState(one.name);
  const [error, setError] = useState<string | null>(null);

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const outcome = await act({ authenticatorId: one.id, name }, "Renamed");
    setError(outcome.status === "invalid" ? (outcome.fields.name ?? null) : null);
    if (outcome.status !== "done") return;
    void signalPasskey(outcome.data.signal);
    onDone();
  };

  return (
    <form method="post" onSubmit={submit} className="flex max-w-md flex-col gap-3" noValidate>
      {message ? <Notice tone="danger">{message}</Notice> : null}
      <TextField
        label="New name"
        value={name}
        onChange={(event) => setName(event.target.value)}
        maxLength={60}
        autoComplete="off"
        autoFocus
        error={error}
      />
      <div className="flex gap-2">
        <Button type="submit" variant="primary" pending={busy}>
          Save name
        </Button>
        <Button onClick={onDone}>Cancel</Button>
      </div>
    </form>
  );
}
