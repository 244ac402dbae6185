"use client";

import { type FormEvent, useState } from "react";
import { useAct } from "@/components/security/use-act";
import { Button } from "@/components/ui/button";
import { SelectField, TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import type { Nobody } from "@/lib/approvals/approvers";
import type { PersonDetails } from "@/lib/people/read-person";
import { ClosedRequests } from "./closed-requests";
import { ColleagueField, chooseColleague, chosenColleague } from "./colleague-field";
import { NobodyApproves } from "./nobody-approves";
import type { PersonActions } from "./person-view";

type Props = {
  person: PersonDetails;
  /** Whether an administrator's account may be enabled without a second one's approval. */
  alone: boolean;
  nobodyApproves: Nobody | null;
  actions: Pick<PersonActions, "disable" | "enable">;
};

/** Closing the account, with what depends on it, and opening it again. */
export function AccountPanel({ person, alone, nobodyApproves, actions }: Props) {
  return (
    <Panel title={person.disabled ? "Enable account" : "Disable account"}>
      {person.closedByOwner ? (
        <p>
          “This wasn't me” closed it, and its address may be somebody else's. Reset its factors: that opens it
          again, under an address you have verified with them.
        </p>
      ) : null}
      {person.disabled && !person.closedByOwner ? (
        <EnableForm
          person={person}
          asks={person.role === "administrator" && !alone}
          nobodyApproves={nobodyApproves}
          enable={actions.enable}
        />
      ) : null}
      {person.disabled ? null : <DisableForm person={person} disable={actions.disable} />}
    </Panel>
  );
}

function DisableForm({ person, disable }: { person: PersonDetails; disable: PersonActions["disable"] }) {
  const { act, busy, message } = useAct(disable, "customersTo", "reason");
  const [customersTo, setCustomersTo] = useState("");
  const [invitations, setInvitations] = useState("take-back");
  const [reason, setReason] = useState("");
  const [errors, setErrors] = useState<Record<string, string>>({});
  const administers = person.role === "administrator";
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const to = chosenColleague(person, customersTo);
    if (to === undefined) return setErrors({ customersTo: chooseColleague });
    const input = { personId: person.id, customersTo: to, invitations, reason };
    const outcome = await act(input, "Disabled");
    setErrors(outcome.status === "invalid" ? outcome.fields : {});
  };
  return (
    <form method="post" onSubmit={submit} className="flex flex-col gap-4" noValidate>
      {message ? <Notice tone="danger">{message}</Notice> : null}
      <p>They are signed out everywhere at once, and can't sign in until the account is enabled again.</p>
      <ColleagueField
        person={person}
        value={customersTo}
        onChange={setCustomersTo}
        error={errors.customersTo}
      />
      {person.invitations > 0 ? (
        <SelectField
          label={
            person.invitations === 1
              ? "Their open invitation"
              : `Their ${person.invitations} open invitations`
          }
          value={invitations}
          onChange={(event) => setInvitations(event.target.value)}
        >
          <option value="take-back">Take back</option>
          <option value="hand-over">Hand over to me</option>
        </SelectField>
      ) : null}
      <ClosedRequests person={person} />
      {administers ? (
        <>
          <TextField
            label="Reason for disabling"
            maxLength={500}
            hint="The other administrators are told."
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            error={errors.reason}
          />
          <p className="text-ink-soft text-sm">Enabling them again takes a second administrator.</p>
        </>
      ) : null}
      <Button type="submit" variant="danger" className="self-start" pending={busy}>
        Disable account
      </Button>
    </form>
  );
}

type EnableProps = {
  person: PersonDetails;
  asks: boolean;
  nobodyApproves: Nobody | null;
  enable: PersonActions["enable"];
};

function EnableForm({ person, asks, nobodyApproves, enable }: EnableProps) {
  const { act, busy, message } = useAct(enable, "reason");
  const [reason, setReason] = useState("");
  const [errors, setErrors] = useState<Record<string, string>>({});
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const said = asks ? "Sent for approval" : "Enabled";
    const outcome = await act({ personId: person.id, reason: asks ? reason : "" }, said);
    setErrors(outcome.status === "invalid" ? outcome.fields : {});
  };
  if (asks && nobodyApproves) return <NobodyApproves nobody={nobodyApproves} />;
  return (
    <form method="post" onSubmit={submit} className="flex flex-col gap-4" noValidate>
      {message ? <Notice tone="danger">{message}</Notice> : null}
      <p>
        {person.passwordLocked
          ? "Their password is locked: they choose a new one with “Forgot password?”. Their second factors"
          : "Their password and second factors"}{" "}
        are as they were.
      </p>
      {asks ? (
        <TextField
          label="Reason for enabling"
          maxLength={500}
          hint="The second administrator will read this before deciding."
          value={reason}
          onChange={(event) => setReason(event.target.value)}
          error={errors.reason}
        />
      ) : null}
      <Button type="submit" className="self-start" pending={busy}>
        {asks ? "Ask for approval" : "Enable account"}
      </Button>
    </form>
  );
}
