"use client";

import Link from "next/link";
import { useState } from "react";
import { useAct } from "@/components/security/use-act";
import { Button } from "@/components/ui/button";
import { TextField } from "@/components/ui/field";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { When } from "@/components/ui/when";
import type { PolicyVersion } from "@/lib/policy/versions";
import { DifferenceList } from "./difference-list";
import type { PolicyActions } from "./policy-view";

type Props = {
  current: number;
  versions: PolicyVersion[];
  restore: PolicyActions["restore"];
};

/** What was in force when, who made it so and why; each can be restored, as a new version. */
export function VersionsPanel({ current, versions, restore }: Props) {
  const oldest = versions.at(-1)?.version ?? 1;
  return (
    <Panel title="Versions" count={current}>
      {versions.length === 0 ? (
        <p className="text-ink-soft">Nobody has changed the policy yet.</p>
      ) : (
        <ul className="flex flex-col divide-y divide-line">
          {versions.map((one) => (
            <Version key={one.version} one={one} current={current} restore={restore} />
          ))}
        </ul>
      )}
      {oldest > 1 ? (
        <Link
          href={`/admin/policy?before=${oldest}`}
          prefetch={false}
          className="mt-3 inline-flex min-h-6 items-center underline underline-offset-4 pointer-coarse:min-h-11"
        >
          Older versions
        </Link>
      ) : current > 0 ? (
        <div className="mt-3 border-line border-t pt-3">
          <Restore version={0} current={current} restore={restore} />
        </div>
      ) : null}
    </Panel>
  );
}

type VersionProps = Omit<Props, "versions"> & { one: PolicyVersion };

function Version({ one, current, restore }: VersionProps) {
  const by = [one.by && `by ${one.by}`, one.approvedBy && `approved by ${one.approvedBy}`];
  return (
    <li className="flex flex-col gap-2 py-3 first:pt-0 last:pb-0">
      <p>
        <span className="font-medium">Version {one.version}</span>{" "}
        {one.version === current ? <span className="text-ink-soft">· in force</span> : null}{" "}
        <span className="text-ink-soft text-sm">
          <When at={one.createdAt} /> {by.filter(Boolean).join(", ")}
          {one.restores === null ? "" : `, restores version ${one.restores}`}
        </span>
      </p>
      {one.reason ? <p className="break-words">{one.reason}</p> : null}
      <DifferenceList changes={one.changes} />
      {one.version === current ? null : <Restore version={one.version} current={current} restore={restore} />}
    </li>
  );
}

type RestoreProps = Omit<Props, "versions"> & { version: number };

function Restore({ version, current, restore }: RestoreProps) {
  const { act, busy, message } = useAct(restore, "reason");
  const [open, setOpen] = useState(false);
  const [reason, setReason] = useState("");
  const [error, setError] = useState<string | null>(null);
  const what = version === 0 ? "the policy of a new installation" : `version ${version}`;
  if (!open)
    return (
      <Button size="small" className="self-start" onClick={() => setOpen(true)}>
        Restore {what}
      </Button>
    );
  const save = async () => {
    const outcome = await act({ version, basedOn: current, reason }, "Done");
    setError(outcome.status === "invalid" ? (outcome.fields.reason ?? null) : null);
    if (outcome.status !== "done") return;
    setOpen(false);
  };
  return (
    <form
      method="post"
      noValidate
      className="flex max-w-2xl flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      {message ? <Notice tone="danger">{message}</Notice> : null}
      <TextField
        label={`Reason to restore ${what}`}
        value={reason}
        maxLength={500}
        error={error}
        onChange={(event) => setReason(event.target.value)}
      />
      <div className="flex gap-2">
        <Button type="submit" size="small" variant="primary" pending={busy}>
          Restore
        </Button>
        <Button size="small" onClick={() => setOpen(false)}>
          Cancel
        </Button>
      </div>
    </form>
  );
}
