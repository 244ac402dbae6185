"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { outcomeWords } from "@/components/step-up/outcome-words";
import { useStepUp } from "@/components/step-up/use-step-up";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { useToast } from "@/components/ui/toast";
import type { Preview } from "@/lib/policy/change-policy";
import type { PolicyDocument } from "@/lib/policy/document";
import type { Saved } from "@/lib/policy/put-in-force";
import { DifferenceList } from "./difference-list";
import { DryRunView } from "./dry-run-view";
import type { PolicyActions } from "./policy-view";

type Props = {
  basedOn: number;
  draft: PolicyDocument;
  /** The file that the draft came from. */
  imported: string | null;
  labels: Record<string, string>;
  actions: PolicyActions;
  onDiscard(): void;
  onSaved(saved: Saved): void;
  /** Somebody else's version came in between. */
  stale: boolean;
  onStale(): void;
};

/** A draft before it is saved: the difference, whom it would hit, and the reason. */
export function Review(props: Props) {
  const { draft, imported, labels, actions, onDiscard, stale } = props;
  const look = useStepUp(actions.preview);
  const [preview, setPreview] = useState<Preview | null>(null);
  const [busy, setBusy] = useState(false);
  const [message, setMessage] = useState<string | null>(null);
  const open = async () => {
    setBusy(true);
    setMessage(null);
    const outcome = await look({ document: draft });
    setBusy(false);
    if (outcome.status === "done") setPreview(outcome.data);
    else setMessage(outcomeWords(outcome));
  };
  return (
    <Panel title="Your draft" className="border-info">
      <div className="flex flex-col gap-4">
        <p className="text-ink-soft">
          {imported ? `Read from ${imported}. ` : ""}Nothing of it is in force yet.
        </p>
        {stale ? (
          <Notice tone="warn" title="Somebody else changed the policy meanwhile">
            Your draft is still here. Review it again: the difference is to their version now, and may take it
            back.
          </Notice>
        ) : null}
        {message ? <Notice tone="danger">{message}</Notice> : null}
        {preview ? (
          <>
            <DifferenceList changes={preview.changes} />
            <DryRunView dryRun={preview.dryRun} labels={labels} />
          </>
        ) : null}
        {preview && preview.changes.length > 0 ? (
          <Save {...props} loosens={preview.loosens} />
        ) : (
          <div className="flex flex-wrap gap-2">
            {preview ? null : (
              <Button variant="primary" pending={busy} onClick={() => void open()}>
                Review the change
              </Button>
            )}
            <Button onClick={onDiscard}>Discard the draft</Button>
          </div>
        )}
      </div>
    </Panel>
  );
}

function Save({
  basedOn,
  draft,
  loosens,
  actions,
  onDiscard,
  onSaved,
  onStale,
}: Props & { loosens: boolean }) {
  const router = useRouter();
  const toast = useToast();
  const run = useStepUp(actions.change);
  const [reason, setReason] = useState("");
  const [error, setError] = useState<string | null>(null);
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    setMessage(null);
    const outcome = await run({ document: draft, basedOn, reason });
    setBusy(false);
    setError(outcome.status === "invalid" ? (outcome.fields.reason ?? null) : null);
    if (outcome.status === "done") {
      if (outcome.data.version !== null) toast(`Version ${outcome.data.version} of the policy is in force`);
      onSaved(outcome.data);
      return router.refresh();
    }
    if (outcome.status === "conflict") {
      onStale();
      router.refresh();
    } else if (outcome.status !== "invalid" || !outcome.fields.reason) setMessage(outcomeWords(outcome));
  };
  return (
    <form
      method="post"
      noValidate
      className="flex flex-col gap-3"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {message ? <Notice tone="danger">{message}</Notice> : null}
      {loosens ? (
        <Notice tone="warn" title="This makes something easier">
          A second administrator has to approve it before it is in force.
        </Notice>
      ) : null}
      <TextField
        label="Reason"
        className="max-w-2xl"
        value={reason}
        maxLength={500}
        error={error}
        hint="Kept with the version, and read by auditors."
        onChange={(event) => setReason(event.target.value)}
      />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" pending={busy}>
          {loosens ? "Ask for approval" : "Change the policy"}
        </Button>
        <Button onClick={onDiscard}>Discard the draft</Button>
      </div>
    </form>
  );
}
