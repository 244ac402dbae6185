"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { useForm } from "react-hook-form";
import { outcomeWords } from "@/components/step-up/outcome-words";
import { useStepUp } from "@/components/step-up/use-step-up";
import { Button } from "@/components/ui/button";
import { SelectField } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { useToast } from "@/components/ui/toast";
import type { CustomerFields } from "@/lib/customers/fields";
import type { Action } from "@/lib/step-up/action-result";
import { CustomerFieldInputs, fieldErrorsOf } from "./customer-field-inputs";
import { LeaveGuard } from "./leave-guard";

type Props = { teams: { id: string; name: string }[]; create: Action<{ id: string; number: string }> };

const blank: CustomerFields = {
  name: "",
  email: "",
  phone: "",
  street: "",
  city: "",
  postalCode: "",
  country: "Germany",
};

/** A new company. The team is asked for only where there is a choice. */
export function NewCustomerForm({ teams, create }: Props) {
  const router = useRouter();
  const toast = useToast();
  const createCustomer = useStepUp(create);
  const { register, handleSubmit, formState, setError, reset } = useForm<CustomerFields>({
    defaultValues: blank,
  });
  const [teamId, setTeamId] = useState(teams[0]?.id ?? "");
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [leaving, setLeaving] = useState(false);

  const submit = async (fields: CustomerFields) => {
    setBusy(true);
    setMessage(null);
    const outcome = await createCustomer({ teamId, fields });
    setBusy(false);
    if (outcome.status === "done") {
      reset(fields);
      toast(`${fields.name} is now customer ${outcome.data.number}`);
      return router.push(`/customers/${outcome.data.id}`);
    }
    const errors = outcome.status === "invalid" ? fieldErrorsOf(outcome.fields, "fields.") : [];
    for (const [index, [field, text]] of errors.entries()) {
      setError(field, { message: text }, { shouldFocus: index === 0 });
    }
    setMessage(errors.length > 0 ? null : outcomeWords(outcome));
  };
  return (
    <form
      method="post"
      onSubmit={handleSubmit(submit)}
      className="flex flex-col gap-4 rounded-lg border border-line bg-surface p-4"
      noValidate
    >
      {message ? <Notice tone="danger">{message}</Notice> : null}
      {teams.length > 1 ? (
        <SelectField label="Team" value={teamId} onChange={(event) => setTeamId(event.target.value)}>
          {teams.map((team) => (
            <option key={team.id} value={team.id}>
              {team.name}
            </option>
          ))}
        </SelectField>
      ) : null}
      <CustomerFieldInputs register={register} errors={formState.errors} />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" pending={busy}>
          Create customer
        </Button>
        <Button onClick={() => (formState.isDirty ? setLeaving(true) : router.push("/customers"))}>
          Cancel
        </Button>
      </div>
      <LeaveGuard
        dirty={formState.isDirty}
        asking={leaving}
        onStay={() => setLeaving(false)}
        onLeave={() => {
          reset();
          router.push("/customers");
        }}
      />
    </form>
  );
}
