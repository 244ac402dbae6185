"use client";

import { type FormEvent, useId, useState } from "react";
import { useAct } from "@/components/security/use-act";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { When } from "@/components/ui/when";
import type { HandedOver } from "@/lib/approvals/approval-kind";
import type { OpenApproval } from "@/lib/approvals/read";
import type { Action } from "@/lib/step-up/action-result";
import { LinksToHandOver } from "./links-to-hand-over";

export type ApprovalActions = {
  approve: Action<{ links: HandedOver[] }>;
  decline: Action<null>;
  withdraw: Action<null>;
};

type Props = { approvals: OpenApproval[]; actions: ApprovalActions };

/** What waits for a second administrator. Shown where there is something, or was a moment ago. */
export function ApprovalsPanel({ approvals, actions }: Props) {
  // All of this page's: the next approval takes away none that is not handed over yet.
  const [links, setLinks] = useState<HandedOver[]>([]);
  if (approvals.length === 0 && links.length === 0) return null;
  return (
    <Panel title="Approvals" count={approvals.length}>
      <div className="flex flex-col gap-4">
        <LinksToHandOver
          links={links}
          because="No mail goes out here. Each works once, within 24 hours, and is not shown again."
        />
        <ul className="flex flex-col divide-y divide-line">
          {approvals.map((one) => (
            <Request
              key={one.id}
              one={one}
              actions={actions}
              onLinks={(more) => setLinks((before) => [...before, ...more])}
            />
          ))}
        </ul>
      </div>
    </Panel>
  );
}

type RequestProps = {
  one: OpenApproval;
  actions: ApprovalActions;
  onLinks(links: HandedOver[]): void;
};

function Request({ one, actions, onLinks }: RequestProps) {
  const about = useId();
  const approve = useAct(actions.approve);
  const withdraw = useAct(actions.withdraw);
  const [declining, setDeclining] = useState(false);
  const message = approve.message ?? withdraw.message;
  const purpose = sentence(one.words.purpose);

  const onApprove = async () => {
    const outcome = await approve.act({ approvalId: one.id }, "Approved and applied");
    if (outcome.status === "done") onLinks(outcome.data.links);
  };
  return (
    <li className="flex flex-col gap-3 py-4 first:pt-0 last:pb-0">
      <div className="flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
        <div className="min-w-0 flex-1 basis-72">
          <h3 id={about} className="break-words font-medium">
            {purpose}
          </h3>
          <p className="break-words text-ink-soft text-sm">
            {one.mine ? "You ask" : `${one.askedBy.name} asks`}, <When at={one.askedAt} />. Until{" "}
            <When at={one.expiresAt} />.
          </p>
          <Words one={one} />
        </div>
        {one.mine ? (
          <Button
            size="small"
            aria-describedby={about}
            pending={withdraw.busy}
            onClick={() => void withdraw.act({ approvalId: one.id }, "Withdrawn")}
          >
            Withdraw
          </Button>
        ) : null}
        {one.because === null ? (
          <div className="flex gap-2">
            <Button
              size="small"
              variant="primary"
              aria-describedby={about}
              pending={approve.busy}
              onClick={() => void onApprove()}
            >
              Approve
            </Button>
            <Button
              size="small"
              aria-describedby={about}
              aria-expanded={declining}
              onClick={() => setDeclining(!declining)}
            >
              Decline
            </Button>
          </div>
        ) : null}
      </div>
      {one.because && !one.mine ? <p className="text-ink-soft text-sm">{one.because}</p> : null}
      {message ? <Notice tone="danger">{message}</Notice> : null}
      {declining ? (
        <DeclineForm approvalId={one.id} decline={actions.decline} onCancel={() => setDeclining(false)} />
      ) : null}
    </li>
  );
}

/** Exactly what the prompt will say, before anybody begins. */
function Words({ one: { words, reason } }: { one: OpenApproval }) {
  return (
    <dl className="mt-2 grid grid-cols-[auto_1fr] gap-x-3 gap-y-0.5 text-sm max-sm:grid-cols-1">
      {words.changes.map(({ label, from, to }) => (
        <div key={label} className="contents">
          <dt className="text-ink-soft">{label}</dt>
          <dd className="min-w-0 break-words">{from === null ? to : `${from} → ${to}`}</dd>
        </div>
      ))}
      <div className="contents">
        <dt className="text-ink-soft">Reason</dt>
        <dd className="min-w-0 break-words">{reason}</dd>
      </div>
    </dl>
  );
}

type DeclineProps = { approvalId: string; decline: Action<null>; onCancel(): void };

function DeclineForm({ approvalId, decline, onCancel }: DeclineProps) {
  const { act, busy, message } = useAct(decline, "reason");
  const [reason, setReason] = useState("");
  const [error, setError] = useState<string | null>(null);
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    const outcome = await act({ approvalId, reason }, "Declined");
    setError(outcome.status === "invalid" ? (outcome.fields.reason ?? null) : null);
  };
  return (
    <form method="post" onSubmit={submit} className="flex max-w-xl flex-col gap-3" noValidate>
      {message ? <Notice tone="danger">{message}</Notice> : null}
      <TextField
        label="Reason for declining"
        hint="The person who asked will read it."
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.target.value)}
        error={error}
        autoFocus
      />
      <div className="flex gap-2">
        <Button type="submit" variant="danger" pending={busy}>
          Decline the request
        </Button>
        <Button onClick={onCancel}>Cancel</Button>
      </div>
    </form>
  );
}

/** "to reset …" as a heading: "Reset …". */
function sentence(purpose: string): string {
  const words = purpose.replace(/^to /, "");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
