import { CircleAlert, CircleCheck, CircleDashed, type LucideIcon } from "lucide-react";
import Link from "next/link";
import type { ReactNode } from "react";
import { CopyButton } from "@/components/ui/copy-button";
import { Badge, Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { Facts, Panel } from "@/components/ui/panel";
import { WhenExactly } from "@/components/ui/when";
import type { RowCheck } from "@/lib/audit/log/verify-row";
import type { AuditFilter } from "@/lib/oversight/filter";
import type { VerifiedRow } from "@/lib/oversight/read-row";
import { wordsOfFactor } from "@/lib/step-up/factor-words";
import { auditLink } from "./audit-link";
import { outcomeWords } from "./words";

type Props = { found: VerifiedRow; filter: AuditFilter; address: string; receipt: ReactNode };

/** One row of the log: what it says in words, what it holds, and whether it is what the app wrote. */
export function RowView({ found, filter, address, receipt }: Props) {
  const { row, verdict } = found;
  const { word, tone } = outcomeWords[row.outcome];
  return (
    <article className="flex flex-col gap-5">
      <PageHeader
        title={row.sentence}
        back={{ href: auditLink(filter), label: "Audit" }}
        meta={
          <>
            <WhenExactly at={row.at} /> <Badge tone={tone}>{word}</Badge>
            {row.isDemo ? <Badge>demo history, unsigned</Badge> : null}
          </>
        }
        actions={
          <>
            {receipt}
            <CopyButton text={address} label="Copy link" />
          </>
        }
      />
      <div className="grid items-start gap-5 lg:grid-cols-2 [&>*]:min-w-0">
        <Verdict checks={verdict.checks} isDemo={row.isDemo} />
        <Panel title="Details">
          <Facts facts={factsOf(found)} />
        </Panel>
      </div>
    </article>
  );
}

const looks: Record<RowCheck["result"], { icon: LucideIcon; word: string; colour: string }> = {
  passed: { icon: CircleCheck, word: "Verified", colour: "text-open" },
  failed: { icon: CircleAlert, word: "Failed", colour: "text-danger" },
  "not-done": { icon: CircleDashed, word: "Nothing to check", colour: "text-ink-soft" },
};

const checkNames: Record<RowCheck["name"], string> = {
  mac: "Written by the app",
  place: "In the sealed log",
  told: "Sealed details",
  signature: "Passkey's signature",
};

function Verdict({ checks, isDemo }: { checks: RowCheck[]; isDemo: boolean }) {
  return (
    <Panel title="Verdict">
      <VerdictInShort checks={checks} isDemo={isDemo} />
      <ul className="mt-3 flex flex-col gap-3">
        {checks.map(({ name, result, sentence }) => {
          const { icon: Icon, word, colour } = looks[result];
          return (
            <li key={name} className="flex gap-2.5">
              <Icon aria-hidden className={`mt-0.5 size-4 shrink-0 ${colour}`} />
              <div className="min-w-0">
                <p className="font-medium">
                  {checkNames[name]}: <span className={colour}>{word.toLowerCase()}</span>
                </p>
                <p className="break-words text-ink-soft text-sm">{sentence}</p>
              </div>
            </li>
          );
        })}
      </ul>
    </Panel>
  );
}

function VerdictInShort({ checks, isDemo }: { checks: RowCheck[]; isDemo: boolean }) {
  if (checks.some(({ result }) => result === "failed"))
    return (
      <Notice tone="danger">
        This row is not as the app wrote it. Verify the whole log with <code>npm run audit:verify</code>.
      </Notice>
    );
  if (isDemo) return <Notice>Seeded for the demo: nobody did this, and nothing vouches for it.</Notice>;
  if (checks.some(({ name, result }) => name === "place" && result === "not-done"))
    return <Notice>The app wrote it; it is not sealed yet. Reload the page in a minute.</Notice>;
  return (
    <Notice tone="open">
      This row is as the app wrote it, and stands in the sealed log. This installation says so: to check it
      without trusting it, use “Verify it yourself” on the audit page.
    </Notice>
  );
}

function factsOf({ row, digest, mac, authenticatorName, credentialId, verdict }: VerifiedRow) {
  const { actor, record } = row;
  const facts: { label: string; value: ReactNode }[] = [
    { label: "Number", value: row.seq.toLocaleString("en-GB") },
    { label: "Id", value: <Code text={row.id} /> },
    { label: "Time", value: <Code text={row.at} /> },
    {
      label: "Person",
      value: actor ? (
        <>
          {actor.name ?? "Unknown"},{" "}
          {actor.email ? <Rows of={{ person: actor.email }} text={actor.email} /> : actor.id}
        </>
      ) : (
        "not signed in"
      ),
    },
    { label: "Session", value: row.sessionId ? <Code text={row.sessionId} /> : "none" },
    { label: "Action", value: <Code text={row.action} /> },
    {
      label: "Outcome",
      value: row.repeats > 1 ? `${row.outcome}, ${row.repeats} times within a minute` : row.outcome,
    },
    {
      label: "Record",
      value: record ? (
        <>
          {record.type} {record.number ?? ""}{" "}
          {record.id ? <Rows of={{ record: record.id }} text={record.id} /> : null}
        </>
      ) : (
        "none"
      ),
    },
    { label: "Factor", value: row.factor ? wordsOfFactor(row.factor).label : "none" },
    {
      label: "Authenticator",
      value: row.authenticatorId ? (
        <>
          {authenticatorName ? `“${authenticatorName}” ` : ""}
          <Code text={row.authenticatorId} />
        </>
      ) : (
        "none"
      ),
    },
    { label: "Policy", value: row.policyVersion === null ? "none applied" : `version ${row.policyVersion}` },
    { label: "Address", value: row.address ?? "none" },
    { label: "Detail", value: <Detail detail={row.detail} /> },
    { label: "Sealed details", value: toldWords[verdict.told] },
    { label: "Digest", value: digest ? <Code text={digest} /> : "none" },
    { label: "MAC", value: mac ? <Code text={mac} /> : "none" },
    { label: "Signed with", value: credentialId ? <Code text={credentialId} /> : "no passkey" },
    {
      label: "Leaf",
      value: verdict.index === null ? "not sealed yet" : verdict.index.toLocaleString("en-GB"),
    },
  ];
  return facts;
}

const toldWords: Record<VerifiedRow["verdict"]["told"], string> = {
  none: "none",
  open: "what it tells of the record, closed here: those who work with the record see it in its activity",
  erased: "erased",
  unreadable: "can't be opened",
};

function Detail({ detail }: { detail: Record<string, unknown> }) {
  const members = Object.entries(detail);
  if (members.length === 0) return "none";
  return (
    <ul>
      {members.map(([name, value]) => (
        <li key={name} className="break-words">
          <span className="text-ink-soft">{name}:</span>{" "}
          {typeof value === "string" ? value : <Code text={JSON.stringify(value)} />}
        </li>
      ))}
    </ul>
  );
}

/** Leads to all that the log tells of a person or a record. */
function Rows({ of, text }: { of: Partial<AuditFilter>; text: string }) {
  return (
    <Link href={auditLink(of)} prefetch={false} className="break-all underline underline-offset-4">
      {text}
    </Link>
  );
}

function Code({ text }: { text: string }) {
  return <code className="break-all font-mono text-sm">{text}</code>;
}
