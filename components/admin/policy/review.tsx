"use client";

import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { outcomeWords } from "@/components/step-up/outcome-words";
import { useStepUp } from "@/components/step-up/use-step-up";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { useToast } from "@/components/ui/toast";
import type { Nobody } from "@/lib/approvals/approvers";
import type { Preview } from "@/lib/policy/change-policy";
import type { PolicyDocument } from "@/lib/policy/document";
import type { Saved } from "@/lib/policy/put-in-force";
import { NobodyApproves } from "../nobody-approves";
import { DifferenceList } from "./difference-list";
import { DryRunView } from "./dry-run-view";
import type { PolicyActions } from "./policy-view";

/** Where a draft came from: a file, or an earlier version that it restores; null: it was made here. */
export type Source = { file: string } | { version: number } | null;

type Props = {
  basedOn: number;
  draft: PolicyDocument;
  source: Source;
  labels: Record<string, string>;
  actions: PolicyActions;
  /** Something waits for a second administrator already: until it is decided, nothing else can be loosened. */
  waits: boolean;
  /** Why nobody could approve a draft that loosens. */
  nobodyApproves: Nobody | null;
  onDiscard(): void;
  onSaved(saved: Saved): void;
  /** Somebody else's version came in between. */
  stale: boolean;
  onStale(): void;
  reason: string;
  onReason(reason: string): void;
};

/** Where the draft stands on its page, for links to it. */
export const draftPlace = "draft";

/** A draft before it is saved: the difference, whom it would hit, and the reason. A line until it is asked for. */
export function Review(props: Props) {
  const { draft, actions } = props;
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
  if (preview) return <Reviewed {...props} preview={preview} />;
  return (
    <section
      aria-label="Your draft"
      id={draftPlace}
      className="flex scroll-mt-20 flex-col gap-3 rounded-lg border border-line-strong bg-raised p-4 shadow-low"
    >
      <Stale {...props} />
      {message ? <Notice tone="danger">{message}</Notice> : null}
      <div className="flex flex-wrap items-center justify-between gap-3">
        <p>{whence(props)} None of it is in force yet.</p>
        <div className="flex flex-wrap gap-2">
          <Button onClick={props.onDiscard}>Discard the draft</Button>
          <Button variant="primary" pending={busy} onClick={() => void open()}>
            Review the change
          </Button>
        </div>
      </div>
    </section>
  );
}

function Reviewed(props: Props & { preview: Preview }) {
  const { preview, labels, nobodyApproves, onDiscard } = props;
  const stays = preview.changes.length === 0 || (preview.loosens && nobodyApproves !== null);
  const place = useRef<HTMLDivElement>(null);
  // It is longer than the line that it takes the place of: whoever asked for it is led to its beginning.
  useEffect(() => place.current?.focus(), []);
  return (
    <div ref={place} id={draftPlace} tabIndex={-1} className="scroll-mt-20 rounded-lg outline-none">
      <Panel title="Your draft">
        <div className="flex flex-col gap-5">
          <p className="text-ink-soft">{whence(props)} None of it is in force yet.</p>
          <DifferenceList changes={preview.changes} />
          <DryRunView dryRun={preview.dryRun} labels={labels} />
          {preview.loosens ? <Easier {...props} /> : null}
          {stays ? (
            <Button className="self-start" onClick={onDiscard}>
              Discard the draft
            </Button>
          ) : (
            <Save {...props} loosens={preview.loosens} />
          )}
        </div>
      </Panel>
    </div>
  );
}

/** What a draft that loosens takes, or why it can't be asked for now: before a reason is typed. */
function Easier({ waits, nobodyApproves }: Pick<Props, "waits" | "nobodyApproves">) {
  return (
    <>
      <Notice tone="warn" title="This makes something easier">
        {waits
          ? "Another request waits for a second administrator. Until it is decided, nothing else can be loosened."
          : "A second administrator has to approve it before it is in force."}
      </Notice>
      <NobodyApproves nobody={nobodyApproves} />
    </>
  );
}

function Stale({ stale }: Props) {
  if (!stale) return null;
  return (
    <Notice tone="warn" title="Somebody else changed the policy in the meantime">
      Your draft is still here. Review it again: the difference is to their version now, and may take it back.
    </Notice>
  );
}

function whence({ source }: Props): string {
  if (!source) return "You have a draft of the policy.";
  return "file" in source
    ? `Your draft is from ${source.file}.`
    : `Your draft restores ${versionWords(source.version)}.`;
}

export function versionWords(version: number): string {
  return version === 0 ? "the policy of a new installation" : `version ${version}`;
}

function Save({
  basedOn,
  draft,
  source,
  loosens,
  actions,
  waits,
  onDiscard,
  onSaved,
  onStale,
  reason,
  onReason,
}: Props & { loosens: boolean }) {
  const router = useRouter();
  const toast = useToast();
  const run = useStepUp(actions.change);
  const [error, setError] = useState<string | null>(null);
  const [message, setMessage] = useState<string | null>(null);
  const [busy, setBusy] = useState(false);
  const save = async () => {
    setBusy(true);
    setMessage(null);
    const outcome = await run({
      document: draft,
      basedOn,
      reason,
      ...(source && "version" in source ? { restores: source.version } : {}),
    });
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
      <TextField
        label="Reason"
        className="max-w-2xl"
        value={reason}
        maxLength={500}
        error={error}
        hint="Kept with the version, and read by auditors."
        onChange={(event) => onReason(event.target.value)}
      />
      <div className="flex flex-wrap gap-2">
        <Button type="submit" variant="primary" pending={busy} disabled={loosens && waits}>
          {loosens ? "Ask for approval" : "Change the policy"}
        </Button>
        <Button onClick={onDiscard}>Discard the draft</Button>
      </div>
    </form>
  );
}
