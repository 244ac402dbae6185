"use client";

import { type FormEvent, useId, useState } from "react";
import { roleWords } from "@/components/role-words";
import { useAct } from "@/components/security/use-act";
import { Button } from "@/components/ui/button";
import { SelectField, TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import type { Role } from "@/db/schema/people";
import type { Nobody } from "@/lib/approvals/approvers";
import type { PersonDetails } from "@/lib/people/read-person";
import { ClosedRequests } from "./closed-requests";
import { ColleagueField, chooseColleague, chosenColleague } from "./colleague-field";
import { NobodyApproves } from "./nobody-approves";
import type { PersonActions } from "./person-view";

type Props = {
  person: PersonDetails;
  teams: string[];
  alone: boolean;
  nobodyApproves: Nobody | null;
  change: PersonActions["changeRole"];
};

/** Role and team. The person's sessions end with a change of either. */
export function PlacePanel({ person, teams, alone, nobodyApproves, change }: Props) {
  const list = useId();
  const { act, busy, message } = useAct(change, "role", "team", "customersTo", "reason");
  const [role, setRole] = useState<Role>(person.role);
  const [team, setTeam] = useState(person.team?.name ?? "");
  const [customersTo, setCustomersTo] = useState("");
  const [reason, setReason] = useState("");
  const [errors, setErrors] = useState<Record<string, string>>({});
  const inTeam = role === "employee" || role === "manager";
  const asks = role === "administrator" && person.role !== "administrator" && !alone;
  const stops = person.role === "administrator" && role !== "administrator";
  const changed = role !== person.role || (inTeam && team !== (person.team?.name ?? ""));

  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const to = role === "manager" ? null : chosenColleague(person, customersTo);
    if (to === undefined) return setErrors({ customersTo: chooseColleague });
    const input = {
      personId: person.id,
      role,
      team: inTeam ? team : "",
      customersTo: to,
      reason: asks || stops ? reason : "",
    };
    const outcome = await act(input, asks ? "Sent for approval" : "Changed");
    setErrors(outcome.status === "invalid" ? outcome.fields : {});
  };
  return (
    <Panel title="Role and team">
      <form method="post" onSubmit={submit} className="flex flex-col gap-4" noValidate>
        {message ? <Notice tone="danger">{message}</Notice> : null}
        <SelectField
          label="Role"
          value={role}
          onChange={(event) => setRole(event.target.value as Role)}
          error={errors.role}
          hint={asks ? "A second administrator approves it first." : undefined}
        >
          {Object.entries(roleWords).map(([one, word]) => (
            <option key={one} value={one}>
              {word}
            </option>
          ))}
        </SelectField>
        {inTeam ? (
          <TextField
            label="Team"
            list={list}
            autoComplete="off"
            value={team}
            onChange={(event) => setTeam(event.target.value)}
            optional={role === "manager"}
            hint="A name that isn't there yet makes a new team."
            error={errors.team}
          />
        ) : null}
        <datalist id={list}>
          {teams.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
        {changed && role !== "manager" ? (
          <ColleagueField
            person={person}
            value={customersTo}
            onChange={setCustomersTo}
            error={errors.customersTo}
          />
        ) : null}
        {asks ? <NobodyApproves nobody={nobodyApproves} /> : null}
        {stops ? <ClosedRequests person={person} /> : null}
        {stops || (asks && !nobodyApproves) ? (
          <TextField
            label={stops ? "Reason for the change" : "Reason for the role"}
            maxLength={500}
            hint={
              stops
                ? "The other administrators are told."
                : "The second administrator will read this before deciding."
            }
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            error={errors.reason}
          />
        ) : null}
        <Button
          type="submit"
          className="self-start"
          pending={busy}
          disabled={!changed || (asks && nobodyApproves !== null)}
        >
          {asks ? "Ask for approval" : "Change role or team"}
        </Button>
        <p className="text-ink-soft text-sm">They are signed out everywhere and have to sign in again.</p>
      </form>
    </Panel>
  );
}
