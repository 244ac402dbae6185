"use client";

import { useState } from "react";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import type { CustomerFields } from "@/lib/customers/fields";
import type { EditableCustomer } from "@/lib/customers/read-record";
import { fieldLabel, fieldOrder } from "./customer-field-inputs";

type Props = {
  base: CustomerFields;
  mine: CustomerFields;
  theirs: EditableCustomer;
  onMerge(fields: CustomerFields, current: EditableCustomer): void;
  onBack(): void;
};

/** Two people saved: both versions stand side by side, field by field, and none is lost until one is chosen. */
export function ConflictView({ base, mine, theirs, onMerge, onBack }: Props) {
  const differing = fieldOrder.filter((name) => mine[name] !== theirs.fields[name]);
  // Where only the other changed a field, theirs is what both want; where I did, mine is what I meant.
  const [taken, setTaken] = useState<Partial<Record<keyof CustomerFields, "mine" | "theirs">>>(() =>
    Object.fromEntries(differing.map((name) => [name, mine[name] === base[name] ? "theirs" : "mine"])),
  );
  const merged = () => {
    const fields = { ...theirs.fields };
    for (const name of differing) if (taken[name] === "mine") fields[name] = mine[name];
    onMerge(fields, theirs);
  };
  return (
    <div className="flex flex-col gap-4">
      <Notice tone="warn">
        Somebody else saved this record while you were editing. Choose what to keep; nothing is lost yet.
      </Notice>
      <div className="flex flex-col gap-3">
        {differing.map((name) => (
          <fieldset key={name} className="grid gap-2 sm:grid-cols-2">
            <legend className="mb-1 font-medium text-sm">{fieldLabel(name)}</legend>
            {(["mine", "theirs"] as const).map((whose) => (
              <label
                key={whose}
                className="flex min-h-9 items-start gap-2 rounded-md border border-line p-2 has-checked:border-brand has-checked:bg-brand-soft"
              >
                <input
                  type="radio"
                  name={`conflict-${name}`}
                  checked={taken[name] === whose}
                  onChange={() => setTaken((all) => ({ ...all, [name]: whose }))}
                  className="mt-1 accent-(--brand)"
                />
                <span className="min-w-0 break-words">
                  <span className="block text-ink-soft text-sm">
                    {whose === "mine" ? "Yours" : "Saved in the meantime"}
                  </span>
                  {(whose === "mine" ? mine : theirs.fields)[name] || "empty"}
                </span>
              </label>
            ))}
          </fieldset>
        ))}
        {differing.length === 0 ? <p>Both versions say the same.</p> : null}
      </div>
      <div className="flex flex-wrap gap-2">
        <Button variant="primary" onClick={merged}>
          Save with these
        </Button>
        <Button onClick={onBack}>Back to my form</Button>
      </div>
    </div>
  );
}
