"use client";

import { type ReactNode, type RefObject, useId, useState } from "react";
import { useForm } from "react-hook-form";
import { roleWords } from "@/components/role-words";
import { outcomeWords } from "@/components/step-up/outcome-words";
import { useStepUp } from "@/components/step-up/use-step-up";
import { Button } from "@/components/ui/button";
import { SelectField, TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import type { Role } from "@/db/schema/people";
import type { Nobody } from "@/lib/approvals/approvers";
import type { Invited } from "@/lib/people/invite";
import type { Action } from "@/lib/step-up/action-result";
import { NobodyApproves } from "./nobody-approves";

type Props = {
  teams: string[];
  /** Whether an administrator may be invited without a second one's approval: nobody is there to give it. */
  alone: boolean;
  nobodyApproves: Nobody | null;
  /** The page's button leads there, past a long list. */
  firstField: RefObject<HTMLInputElement | null>;
  invite: Action<Invited>;
  onSent(sent: Invited): void;
  children: ReactNode;
};

type Fields = { name: string; email: string; role: Role; team: string; reason: string };

const blank: Fields = { name: "", email: "", role: "employee", team: "", reason: "" };

/** Name, address, role and team of somebody who is to work here. A team that isn't there yet is made. */
export function InviteForm({ teams, alone, nobodyApproves, firstField, invite, onSent, children }: Props) {
  const list = useId();
  const inviteColleague = useStepUp(invite);
  const { register, handleSubmit, formState, setError, reset, watch } = useForm<Fields>({
    defaultValues: blank,
  });
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const role = watch("role");
  const { errors } = formState;
  const name = register("name");
  const asks = (chosen: Role) => chosen === "administrator" && !alone;

  const submit = async (typed: Fields) => {
    setMessage(null);
    setBusy(true);
    const outcome = await inviteColleague({
      ...typed,
      team: hasTeam(typed.role) ? typed.team : "",
      reason: asks(typed.role) ? typed.reason : "",
    });
    setBusy(false);
    if (outcome.status === "done") {
      reset(blank);
      return onSent(outcome.data);
    }
    const fields = outcome.status === "invalid" ? outcome.fields : {};
    const wrong = (["name", "email", "role", "team", "reason"] as const).filter((field) => fields[field]);
    for (const [index, field] of wrong.entries())
      setError(field, { message: fields[field] ?? "" }, { shouldFocus: index === 0 });
    setMessage(wrong.length > 0 ? null : outcomeWords(outcome));
  };
  return (
    <Panel title="Invite a colleague" className="self-start">
      <form method="post" onSubmit={handleSubmit(submit)} className="flex flex-col gap-4" noValidate>
        {message ? <Notice tone="danger">{message}</Notice> : null}
        <TextField
          label="Name"
          autoComplete="off"
          error={errors.name?.message}
          {...name}
          ref={(element) => {
            name.ref(element);
            firstField.current = element;
          }}
        />
        <TextField
          label="Email"
          type="email"
          autoComplete="off"
          error={errors.email?.message}
          {...register("email")}
        />
        <SelectField
          label="Role"
          error={errors.role?.message}
          hint={
            asks(role) ? "A second administrator approves it first; then the invitation goes out." : undefined
          }
          {...register("role")}
        >
          {Object.entries(roleWords).map(([one, word]) => (
            <option key={one} value={one}>
              {word}
            </option>
          ))}
        </SelectField>
        {asks(role) ? <NobodyApproves nobody={nobodyApproves} /> : null}
        {asks(role) && !nobodyApproves ? (
          <TextField
            label="Reason"
            maxLength={500}
            hint="The second administrator will read this before deciding."
            error={errors.reason?.message}
            {...register("reason")}
          />
        ) : null}
        {!hasTeam(role) ? null : (
          <>
            <TextField
              label="Team"
              list={list}
              autoComplete="off"
              optional={role === "manager"}
              hint="A name that isn't there yet makes a new team."
              error={errors.team?.message}
              {...register("team")}
            />
            <datalist id={list}>
              {teams.map((team) => (
                <option key={team} value={team} />
              ))}
            </datalist>
          </>
        )}
        <Button
          type="submit"
          pending={busy}
          disabled={asks(role) && nobodyApproves !== null}
          className="self-start"
        >
          {asks(role) ? "Ask for approval" : "Send invitation"}
        </Button>
        {children}
      </form>
    </Panel>
  );
}

/** Whose work is with a team's customers. */
function hasTeam(role: Role): boolean {
  return role === "employee" || role === "manager";
}
