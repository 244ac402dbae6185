"use client";

import Link from "next/link";
import { Button } from "@/components/ui/button";
import { Panel } from "@/components/ui/panel";
import { When } from "@/components/ui/when";
import type { PolicyDocument } from "@/lib/policy/document";
import type { CurrentPolicy, PolicyVersion } from "@/lib/policy/versions";
import { DifferenceList } from "./difference-list";
import { isChanged } from "./draft";
import { versionWords } from "./review";

type Props = {
  current: CurrentPolicy;
  versions: PolicyVersion[];
  onRestore(document: PolicyDocument, version: number): void;
};

/** What was in force when, who made it so and why; each can be restored, as a new version. */
export function VersionsPanel({ current, versions, onRestore }: Props) {
  const oldest = versions.at(-1)?.version ?? 1;
  return (
    <Panel title="Versions" count={current.version}>
      {versions.length === 0 ? (
        <p className="text-ink-soft">Nobody has changed the policy yet.</p>
      ) : (
        <ul className="flex flex-col divide-y divide-line">
          {versions.map((one) => (
            <Version key={one.version} one={one} current={current} onRestore={onRestore} />
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
      ) : current.version > 0 ? (
        <div className="mt-3 border-line border-t pt-3">
          <Restore version={0} document={newInstallation} current={current} onRestore={onRestore} />
        </div>
      ) : null}
    </Panel>
  );
}

type RestoreProps = Omit<Props, "versions"> & { version: number; document: PolicyDocument | null };

/** As `policyDocument` reads an empty one. */
const newInstallation: PolicyDocument = { actions: {}, factors: {}, signIn: "never", enrolment: {} };

type VersionProps = Omit<Props, "versions"> & { one: PolicyVersion };

function Version({ one, current, onRestore }: VersionProps) {
  const by = [one.by && `by ${one.by}`, one.approvedBy && `approved by ${one.approvedBy}`];
  return (
    <li className="flex flex-col gap-2 py-3 first:pt-0 last:pb-0">
      <p>
        <span className="font-medium">Version {one.version}</span>{" "}
        {one.version === current.version ? <span className="text-ink-soft">· in force</span> : null}{" "}
        <span className="text-ink-soft text-sm">
          <When at={one.createdAt} /> {by.filter(Boolean).join(", ")}
          {one.restores === null ? "" : `, restores version ${one.restores}`}
        </span>
      </p>
      {one.reason ? <p className="break-words">{one.reason}</p> : null}
      {one.changes ? (
        <DifferenceList changes={one.changes} />
      ) : (
        <p className="text-ink-soft">
          What it changed can't be read by this version of Keyturn
          {one.document ? "" : ", nor can it be restored"}.
        </p>
      )}
      <Restore version={one.version} document={one.document} current={current} onRestore={onRestore} />
    </li>
  );
}

/** Loads it as a draft, so that its difference from now is seen before it is confirmed. Not where nothing differs. */
function Restore({ version, document, current, onRestore }: RestoreProps) {
  if (!document || !isChanged(document, current.document)) return null;
  return (
    <Button size="small" className="self-start" onClick={() => onRestore(document, version)}>
      Restore {versionWords(version)}
    </Button>
  );
}
