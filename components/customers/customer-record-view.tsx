"use client";

import { useRouter } from "next/navigation";
import { type ReactNode, useEffect, useRef, useState } from "react";
import type { Outcome } from "@/components/step-up/call";
import { outcomeWords } from "@/components/step-up/outcome-words";
import { useStepUp } from "@/components/step-up/use-step-up";
import { Button } from "@/components/ui/button";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { Facts, Panel } from "@/components/ui/panel";
import { useToast } from "@/components/ui/toast";
import { Day, When } from "@/components/ui/when";
import type { CustomerRecord, EditableCustomer } from "@/lib/customers/read-record";
import type { Action } from "@/lib/step-up/action-result";
import { BankForm } from "./bank-form";
import { EditForm } from "./edit-form";
import { Status } from "./status";

export type CustomerActions = {
  beginEdit: Action<EditableCustomer>;
  editCustomer: Action<{ version: number }>;
  changeBankDetails: Action<{ version: number }>;
  viewContract: Action<null>;
};

type Props = { customer: CustomerRecord; country: string; actions: CustomerActions; activity: ReactNode };

/** The record: read undisturbed; Edit, the bank details and a contract's details ask for the step-up. */
export function CustomerRecordView({ customer, country, actions, activity }: Props) {
  const router = useRouter();
  const toast = useToast();
  const beginEdit = useStepUp(actions.beginEdit);
  const editButton = useRef<HTMLButtonElement>(null);
  const bankButton = useRef<HTMLButtonElement>(null);
  const [mode, setMode] = useState<"read" | "edit" | "bank">("read");
  const [start, setStart] = useState<EditableCustomer | null>(null);
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState<string | null>(null);

  const edit = async () => {
    setBusy(true);
    setMessage(null);
    const outcome = await beginEdit({ customerId: customer.id });
    setBusy(false);
    if (outcome.status !== "done") return setMessage(outcomeWords(outcome));
    setStart(outcome.data);
    setMode("edit");
  };
  const close = (saved: string | null, from: "edit" | "bank") => {
    setMode("read");
    setStart(null);
    if (saved) {
      toast(saved);
      router.refresh();
    }
    requestAnimationFrame(() => (from === "edit" ? editButton : bankButton).current?.focus());
  };

  return (
    <div className="flex flex-col gap-5">
      <PageHeader
        title={customer.name}
        back={{ href: "/customers", label: "Customers" }}
        meta={
          <>
            {customer.number} <Status status={customer.status} /> {customer.team.name}
            {customer.accountManager ? ` · looked after by ${customer.accountManager.name}` : ""}
          </>
        }
        actions={
          mode === "read" ? (
            <Button ref={editButton} variant="primary" pending={busy} onClick={() => void edit()}>
              Edit
            </Button>
          ) : null
        }
      />
      {message ? <Notice tone="danger">{message}</Notice> : null}
      {mode === "edit" && start ? (
        <EditForm
          start={start}
          save={actions.editCustomer}
          onClose={(saved) => close(saved ? "Changes saved" : null, "edit")}
        />
      ) : null}
      <div className="grid items-start gap-5 lg:grid-cols-2">
        {mode === "edit" ? null : (
          <Panel title="Company">
            <Facts
              facts={[
                {
                  label: "Email",
                  value: customer.email ? (
                    <a className="underline underline-offset-4" href={`mailto:${customer.email}`}>
                      {customer.email}
                    </a>
                  ) : null,
                },
                {
                  label: "Phone",
                  value: customer.phone ? (
                    <a className="underline underline-offset-4" href={`tel:${customer.phone}`}>
                      {customer.phone}
                    </a>
                  ) : null,
                },
                { label: "Street", value: customer.street },
                { label: "City", value: customer.city },
                { label: "Postal code", value: customer.postalCode },
                { label: "Country", value: country },
                { label: "Updated", value: <When at={customer.updatedAt} /> },
              ]}
            />
          </Panel>
        )}
        <Contacts customer={customer} />
        <Contracts customer={customer} viewContract={actions.viewContract} onProblem={setMessage} />
        <Panel
          title="Bank details"
          action={
            mode === "read" ? (
              <Button ref={bankButton} onClick={() => setMode("bank")}>
                Change bank details
              </Button>
            ) : null
          }
        >
          {mode === "bank" ? (
            <BankForm
              customerId={customer.id}
              version={customer.version}
              accountHolder={customer.bankDetails?.accountHolder ?? ""}
              maskedIban={customer.bankDetails?.maskedIban ?? null}
              save={actions.changeBankDetails}
              onClose={(saved) => close(saved ? "Bank details saved" : null, "bank")}
            />
          ) : customer.bankDetails ? (
            <Facts
              facts={[
                { label: "Account holder", value: customer.bankDetails.accountHolder },
                {
                  label: "IBAN",
                  value: <span className="font-mono">{customer.bankDetails.maskedIban}</span>,
                },
              ]}
            />
          ) : (
            <p className="text-ink-soft">None are kept.</p>
          )}
        </Panel>
      </div>
      {activity}
    </div>
  );
}

function Contacts({ customer }: { customer: CustomerRecord }) {
  return (
    <Panel title="Contacts">
      {customer.contacts.length === 0 ? <p className="text-ink-soft">Nobody is entered.</p> : null}
      <ul className="flex flex-col gap-3">
        {customer.contacts.map((one) => (
          <li key={one.id} className="flex flex-wrap justify-between gap-x-4">
            <span>
              <span className="font-medium">{one.name}</span>
              <span className="text-ink-soft">
                {one.jobTitle ? `, ${one.jobTitle}` : ""}
                {one.isPrimary ? " · first contact" : ""}
              </span>
            </span>
            <span className="text-ink-soft">
              {one.email} {one.phone}
            </span>
          </li>
        ))}
      </ul>
    </Panel>
  );
}

type ContractsProps = {
  customer: CustomerRecord;
  viewContract: Action<null>;
  onProblem(message: string | null): void;
};

function Contracts({ customer, viewContract, onProblem }: ContractsProps) {
  const router = useRouter();
  const view = useStepUp(viewContract);
  const [opening, setOpening] = useState<string | null>(null);
  const open = async (contractId: string) => {
    setOpening(contractId);
    onProblem(null);
    const outcome = await view({ customerId: customer.id, contractId });
    if (outcome.status === "done") return router.push(`/customers/${customer.id}/contracts/${contractId}`);
    setOpening(null);
    onProblem(outcomeWords(outcome as Outcome<null>));
  };
  useEffect(() => () => setOpening(null), []);
  return (
    <Panel title="Contracts">
      {customer.contracts.length === 0 ? <p className="text-ink-soft">There is no contract yet.</p> : null}
      <ul className="flex flex-col divide-y divide-line">
        {customer.contracts.map((one) => (
          <li
            key={one.id}
            className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 py-2.5 first:pt-0 last:pb-0"
          >
            <div className="min-w-0">
              <p className="font-medium">{one.title}</p>
              <p className="flex flex-wrap items-center gap-x-2 text-ink-soft text-sm">
                <Status status={one.status} /> {one.number} ·{" "}
                {one.endsOn ? (
                  <span>
                    <Day on={one.startsOn} /> to <Day on={one.endsOn} />
                  </span>
                ) : (
                  <span>
                    from <Day on={one.startsOn} />
                  </span>
                )}
              </p>
            </div>
            <Button
              aria-label={`View contract ${one.title}`}
              pending={opening === one.id}
              onClick={() => void open(one.id)}
            >
              View contract
            </Button>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
