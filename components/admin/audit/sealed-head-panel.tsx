import { Badge } from "@/components/ui/notice";
import { Facts, Panel } from "@/components/ui/panel";
import { WhenExactly } from "@/components/ui/when";
import type { SealedHead } from "@/lib/oversight/read-head";

type Props = {
  head: SealedHead | null;
  /** Who outside keeps the log's heads; null: nobody. */
  witness: "folder" | "mail" | null;
};

/** How far the log is sealed, by which key, and who outside would notice if it were rewritten. */
export function SealedHeadPanel({ head, witness }: Props) {
  return (
    <Panel title="Sealed log">
      {head ? (
        <Head head={head} />
      ) : (
        <p className="text-ink-soft">Nothing is sealed yet: that takes a second or two.</p>
      )}
      <div className="mt-3 border-line border-t pt-3">
        <Witness witness={witness} />
      </div>
    </Panel>
  );
}

function Head({ head }: { head: SealedHead }) {
  return (
    <Facts
      facts={[
        { label: "Sealed", value: `${head.size.toLocaleString("en-GB")} rows` },
        { label: "Last", value: <WhenExactly at={head.sealedAt.toISOString()} /> },
        { label: "Waiting", value: waitingWords(head) },
        {
          label: "Signature",
          value: head.isSigned ? (
            <Badge tone="open">fits this installation's key</Badge>
          ) : (
            <Badge tone="danger">not signed by this installation's key</Badge>
          ),
        },
        { label: "Key", value: <code className="font-mono text-sm">{head.keyId}</code> },
        {
          label: "Fingerprint",
          value: <code className="break-words font-mono text-xs">{head.fingerprint}</code>,
        },
      ]}
    />
  );
}

function waitingWords({ waiting, waitingUpTo }: SealedHead): string {
  if (waiting === 0) return "no row";
  if (waiting >= waitingUpTo) return `${waitingUpTo.toLocaleString("en-GB")} rows or more`;
  return `${waiting.toLocaleString("en-GB")} ${waiting === 1 ? "row" : "rows"}`;
}

function Witness({ witness }: Pick<Props, "witness">) {
  if (witness)
    return (
      <p>
        Each day's first signed head goes to a {witness === "mail" ? "mailbox" : "folder"} outside: it shows
        when somebody rewrites what came before.
      </p>
    );
  return (
    <p>
      Nobody outside keeps the log's signed heads yet. Name a folder or a mail address in{" "}
      <code>KEYTURN_AUDIT_WITNESS</code>, so that it shows when somebody rewrites the log.
    </p>
  );
}
