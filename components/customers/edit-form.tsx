"use client";

import { useEffect, useState } from "react";
import { useForm } from "react-hook-form";
import { outcomeWords } from "@/components/step-up/outcome-words";
import { useStepUp } from "@/components/step-up/use-step-up";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import type { CustomerFields } from "@/lib/customers/fields";
import type { EditableCustomer } from "@/lib/customers/read-record";
import type { Action } from "@/lib/step-up/action-result";
import { ConflictView } from "./conflict-view";
import { CustomerFieldInputs, fieldErrorsOf } from "./customer-field-inputs";
import { LeaveGuard } from "./leave-guard";

type Props = { start: EditableCustomer; save: Action<{ version: number }>; onClose(saved: boolean): void };

/** The edit form. Whatever happens on the way to saving, what was typed stays. */
export function EditForm({ start, save, onClose }: Props) {
  const saveCustomer = useStepUp(save);
  const { register, handleSubmit, formState, setError, setFocus, reset, getValues } = useForm<CustomerFields>(
    { defaultValues: start.fields },
  );
  const [base, setBase] = useState(start);
  const [theirs, setTheirs] = useState<EditableCustomer | null>(null);
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [leaving, setLeaving] = useState(false);

  useEffect(() => setFocus("name"), [setFocus]);

  const submit = async (fields: CustomerFields, version: number) => {
    setBusy(true);
    setMessage(null);
    const outcome = await saveCustomer({ customerId: start.id, version, fields });
    setBusy(false);
    if (outcome.status === "done") return onClose(true);
    if (outcome.status === "conflict") return setTheirs(outcome.current as EditableCustomer);
    const errors = outcome.status === "invalid" ? fieldErrorsOf(outcome.fields, "fields.") : [];
    for (const [index, [field, text]] of errors.entries()) {
      setError(field, { message: text }, { shouldFocus: index === 0 });
    }
    setMessage(errors.length > 0 ? null : outcomeWords(outcome));
  };
  const merge = (fields: CustomerFields, current: EditableCustomer) => {
    reset(fields, { keepDefaultValues: true });
    setBase(current);
    setTheirs(null);
    void submit(fields, current.version);
  };

  return (
    <Panel title="Edit the company">
      {theirs ? (
        <ConflictView
          base={base.fields}
          mine={getValues()}
          theirs={theirs}
          onMerge={merge}
          onBack={() => setTheirs(null)}
        />
      ) : null}
      <form
        method="post"
        onSubmit={handleSubmit((fields) => submit(fields, base.version))}
        className="flex flex-col gap-4"
        noValidate
        hidden={theirs !== null}
      >
        {message ? <Notice tone="danger">{message}</Notice> : null}
        <CustomerFieldInputs register={register} errors={formState.errors} />
        <div className="flex flex-wrap gap-2">
          <Button type="submit" variant="primary" pending={busy}>
            Save changes
          </Button>
          <Button onClick={() => (formState.isDirty ? setLeaving(true) : onClose(false))}>Cancel</Button>
        </div>
      </form>
      <LeaveGuard
        dirty={formState.isDirty}
        asking={leaving}
        onStay={() => setLeaving(false)}
        onLeave={() => onClose(false)}
      />
    </Panel>
  );
}
