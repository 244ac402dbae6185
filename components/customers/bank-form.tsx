"use client";

import { useState } from "react";
import { useForm } from "react-hook-form";
import { outcomeWords } from "@/components/step-up/outcome-words";
import { useStepUp } from "@/components/step-up/use-step-up";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import type { Action } from "@/lib/step-up/action-result";
import { LeaveGuard } from "./leave-guard";

type Props = {
  customerId: string;
  version: number;
  accountHolder: string;
  maskedIban: string | null;
  save: Action<{ version: number }>;
  onClose(saved: boolean): void;
};

type Fields = { accountHolder: string; iban: string };
type Current = { version: number; accountHolder: string | null; iban: string | null };

/** The guarded columns. The stored IBAN stays on the server; a new one is typed whole. */
export function BankForm({ customerId, version: seen, accountHolder, maskedIban, save, onClose }: Props) {
  const saveBankDetails = useStepUp(save);
  const { register, handleSubmit, formState, setError } = useForm<Fields>({
    defaultValues: { accountHolder, iban: "" },
  });
  const [version, setVersion] = useState(seen);
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const [leaving, setLeaving] = useState(false);

  const submit = async (bankDetails: Fields) => {
    setBusy(true);
    setMessage(null);
    const outcome = await saveBankDetails({ customerId, version, bankDetails });
    setBusy(false);
    if (outcome.status === "done") return onClose(true);
    if (outcome.status === "conflict") {
      const current = outcome.current as Current;
      setVersion(current.version);
      return setMessage(
        `Somebody else saved this record in the meantime: the account is now ${current.accountHolder ?? "empty"}, ${current.iban ?? "no IBAN"}. Yours is still here; save again to replace it.`,
      );
    }
    const fields = outcome.status === "invalid" ? outcome.fields : {};
    for (const name of ["accountHolder", "iban"] as const) {
      const text = fields[`bankDetails.${name}`];
      if (text) setError(name, { message: text }, { shouldFocus: true });
    }
    setMessage(Object.keys(fields).length > 0 ? null : outcomeWords(outcome));
  };
  return (
    <>
      <form method="post" onSubmit={handleSubmit(submit)} className="flex flex-col gap-4" noValidate>
        {message ? <Notice tone="danger">{message}</Notice> : null}
        <TextField
          label="Account holder"
          autoComplete="off"
          error={formState.errors.accountHolder?.message}
          {...register("accountHolder")}
        />
        <TextField
          label="IBAN"
          autoComplete="off"
          spellCheck={false}
          hint={maskedIban ? `Now: ${maskedIban}` : undefined}
          error={formState.errors.iban?.message}
          {...register("iban")}
        />
        <div className="flex flex-wrap gap-2">
          <Button type="submit" variant="primary" pending={busy}>
            Save bank details
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
    </>
  );
}
