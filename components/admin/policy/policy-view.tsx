"use client";

import { useState } from "react";
import { buttonLook } from "@/components/ui/button";
import { PageHeader } from "@/components/ui/page-header";
import type { Nobody } from "@/lib/approvals/approvers";
import type { OpenApproval } from "@/lib/approvals/read";
import type { Preview } from "@/lib/policy/change-policy";
import type { PolicyDocument, SignInMode } from "@/lib/policy/document";
import type { Saved } from "@/lib/policy/put-in-force";
import type { PolicyRow } from "@/lib/policy/table";
import type { CurrentPolicy, PolicyVersion } from "@/lib/policy/versions";
import type { Action } from "@/lib/step-up/action-result";
import { isChanged } from "./draft";
import { EnrolmentPanel } from "./enrolment-panel";
import { PolicyFile } from "./policy-file";
import { draftPlace, Review, type Source } from "./review";
import { RuleTable } from "./rule-table";
import { SignInPanel } from "./sign-in-panel";
import { VersionsPanel } from "./versions-panel";
import { WaitingApproval } from "./waiting-approval";

export type PolicyActions = {
  preview: Action<Preview>;
  change: Action<Saved>;
};

type Props = {
  current: CurrentPolicy;
  table: PolicyRow[];
  signInLabels: Record<SignInMode, string>;
  versions: PolicyVersion[];
  /** What was asked for, and waits for a second administrator. */
  waiting: OpenApproval | null;
  /** Why nobody could approve what loosens. */
  nobodyApproves: Nobody | null;
  actions: PolicyActions;
};

/** The administrators' policy: a draft of it, what the draft would mean, and the versions before. */
export function PolicyView(props: Props) {
  const { current, table, signInLabels, versions, waiting, nobodyApproves, actions } = props;
  // Somebody else's version under it doesn't take a draft away: the difference is shown anew.
  const [drawn, setDraft] = useState<PolicyDocument | null>(null);
  const draft = drawn ?? current.document;
  const [source, setSource] = useState<Source>(null);
  const [stale, setStale] = useState(false);
  // Kept here: the draft is reviewed anew whenever it or the version under it changes.
  const [reason, setReason] = useState("");
  const changed = isChanged(draft, current.document);
  const edit = (next: PolicyDocument) => {
    setDraft(next);
    // What is edited is not that version any more.
    if (source && "version" in source) setSource(null);
  };
  const discard = () => {
    setDraft(null);
    setSource(null);
    setStale(false);
    setReason("");
  };
  return (
    <div className="flex flex-col gap-5">
      <PageHeader
        title="Policy"
        meta={
          current.version === 0
            ? "As in a new installation: nobody has changed it yet"
            : `Version ${current.version} is in force`
        }
        actions={
          <>
            <PolicyFile
              current={current}
              preview={actions.preview}
              onImport={(document, name) => {
                setDraft(document);
                setSource({ file: name });
              }}
            />
            {changed ? (
              <a href={`#${draftPlace}`} className={buttonLook({})}>
                Go to your draft
              </a>
            ) : null}
          </>
        }
      />
      {waiting ? <WaitingApproval approval={waiting} /> : null}
      <RuleTable table={table} draft={draft} onDraft={edit} />
      <div className="grid gap-5 lg:grid-cols-2 [&>*]:min-w-0">
        <SignInPanel labels={signInLabels} draft={draft} onDraft={edit} />
        <EnrolmentPanel draft={draft} onDraft={edit} />
      </div>
      {changed ? (
        <Review
          key={`${current.version} ${JSON.stringify(draft)}`}
          basedOn={current.version}
          draft={draft}
          source={source}
          labels={Object.fromEntries(table.map(({ action, label }) => [action, label]))}
          actions={actions}
          waits={waiting !== null}
          nobodyApproves={nobodyApproves}
          onDiscard={discard}
          onSaved={discard}
          stale={stale}
          onStale={() => setStale(true)}
          reason={reason}
          onReason={setReason}
        />
      ) : null}
      <VersionsPanel
        current={current}
        versions={versions}
        onRestore={(document, version) => {
          setDraft(document);
          setSource({ version });
        }}
      />
    </div>
  );
}
