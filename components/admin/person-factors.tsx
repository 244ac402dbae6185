"use client";

import { type FormEvent, useState } from "react";
import { useAct } from "@/components/security/use-act";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Badge, Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { When } from "@/components/ui/when";
import type { Nobody } from "@/lib/approvals/approvers";
import type { PersonDetails, PersonFactor } from "@/lib/people/read-person";
import { factorWords } from "@/lib/step-up/factor-words";
import { NobodyApproves } from "./nobody-approves";
import type { PersonActions } from "./person-view";

type Props = {
  person: PersonDetails;
  own: boolean;
  /** A request waits already. */
  asked: boolean;
  nobodyApproves: Nobody | null;
  ask: PersonActions["askToReset"];
};

/** What the person confirms with, and the way to start anew when all of it is lost. */
export function PersonFactors({ person, own, asked, nobodyApproves, ask }: Props) {
  const { factors, recoveryCodesLeft, disabled, closedByOwner } = person;
  const resettable = !own && !asked && (!disabled || closedByOwner);
  return (
    <Panel title="Second factors" count={factors.length}>
      <div className="flex flex-col gap-4">
        {factors.length === 0 ? <p className="text-ink-soft">None.</p> : null}
        <ul aria-label="Second factors" className="flex flex-col divide-y divide-line">
          {factors.map((one) => (
            <Factor key={one.id} one={one} />
          ))}
        </ul>
        <p className="text-ink-soft text-sm">
          {recoveryCodesLeft === 1 ? "1 recovery code is" : `${recoveryCodesLeft} recovery codes are`} left.
        </p>
        {asked ? <p>A reset has been requested: it waits for a second administrator, above.</p> : null}
        {resettable ? <NobodyApproves nobody={nobodyApproves} /> : null}
        {resettable && !nobodyApproves ? <ResetForm person={person} ask={ask} /> : null}
      </div>
    </Panel>
  );
}

function Factor({ one }: { one: PersonFactor }) {
  return (
    <li className="py-2.5 first:pt-0 last:pb-0">
      <p className="flex flex-wrap items-center gap-x-2 font-medium">
        <span className="break-words">{one.name}</span>
        <Badge>{factorWords[one.factor].label}</Badge>
        {one.suspended ? <Badge tone="danger">suspended</Badge> : null}
        {one.probationUntil ? <Badge tone="warn">on probation</Badge> : null}
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
    </li>
  );
}

function ResetForm({ person, ask }: Pick<Props, "person" | "ask">) {
  const { act, busy, message } = useAct(ask, "email", "reason");
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState({ reason: "", email: "" });
  const [errors, setErrors] = useState<Record<string, string>>({});
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const email = person.closedByOwner ? typed.email : null;
    const outcome = await act({ personId: person.id, email, reason: typed.reason }, "Sent for approval");
    setErrors(outcome.status === "invalid" ? outcome.fields : {});
    if (outcome.status === "done") setOpen(false);
  };
  if (!open)
    return (
      <Button variant="danger" className="self-start" onClick={() => setOpen(true)}>
        Reset factors
      </Button>
    );
  return (
    <form method="post" onSubmit={submit} className="flex flex-col gap-3" noValidate>
      <p>
        Make sure that it is them, by a call or in person. Once a second administrator approves, every
        authenticator and recovery code is removed, they are signed out everywhere, and get a link to set up a
        new one.
        {person.closedByOwner ? " Their account opens again, under the address that you enter." : null}
      </p>
      {message ? <Notice tone="danger">{message}</Notice> : null}
      {person.closedByOwner ? (
        <TextField
          label="Their address from now on"
          type="email"
          autoComplete="off"
          hint="They said that the change of their address was not theirs: enter the one at which you reached them."
          value={typed.email}
          onChange={(event) => setTyped({ ...typed, email: event.target.value })}
          error={errors.email}
        />
      ) : null}
      <TextField
        label="Reason for the reset"
        maxLength={500}
        hint="The second administrator will read this before deciding."
        value={typed.reason}
        onChange={(event) => setTyped({ ...typed, reason: event.target.value })}
        error={errors.reason}
        autoFocus={!person.closedByOwner}
      />
      <div className="flex gap-2">
        <Button type="submit" variant="primary" pending={busy}>
          Ask for a reset
        </Button>
        <Button onClick={() => setOpen(false)}>Cancel</Button>
      </div>
    </form>
  );
}
