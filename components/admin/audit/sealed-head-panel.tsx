import { Badge, Notice } from "@/components/ui/notice";
import { WhenExactly } from "@/components/ui/when";
import type { SealingFault } from "@/lib/audit/log/sealing-fault";
import type { SealedHead } from "@/lib/oversight/read-head";

type Props = {
  head: SealedHead | null;
  /** Who outside keeps the log's heads; null: nobody. */
  witness: "folder" | "mail" | null;
  /** Why nothing is sealed any more; null: nothing stands in the way. */
  fault: SealingFault | null;
};

const faultWords: Record<SealingFault, string> = {
  "other-key":
    "The log isn't being sealed: it was signed last with another key, or for another host. Put KEYTURN_AUDIT_KEY and the host of KEYTURN_URL back to what they were, then restart.",
  "other-log":
    "The log isn't being sealed: what the database holds is not the log that was signed before. Run npm run audit:verify on the host.",
};

/** How far the log is sealed, by which key, and who outside would notice if it were rewritten: one calm line. */
export function SealedHeadPanel({ head, witness, fault }: Props) {
  return (
    <section
      aria-label="Sealed log"
      className="flex flex-col gap-1.5 rounded-lg border border-line bg-surface px-4 py-2.5 text-sm"
    >
      {fault ? <Notice tone="danger">{faultWords[fault]}</Notice> : null}
      {head ? (
        <Head head={head} />
      ) : (
        <p className="text-ink-soft">Nothing is sealed yet: that takes a second or two.</p>
      )}
      <Witness witness={witness} />
    </section>
  );
}

function Head({ head }: { head: SealedHead }) {
  return (
    <>
      <p className="flex flex-wrap items-center gap-x-5 gap-y-1">
        <span>
          <span className="font-medium">{head.size.toLocaleString("en-GB")} rows sealed</span>, last at{" "}
          <WhenExactly at={head.sealedAt.toISOString()} />; {waitingWords(head)}
        </span>
        <Badge tone={head.isSigned ? "open" : "danger"}>
          {head.isSigned ? "signed by this installation" : "not signed by this installation's key"}
        </Badge>
      </p>
      <details>
        <summary className="w-fit rounded-sm text-ink-soft underline underline-offset-4">
          Verify it yourself, key <code className="font-mono">{head.keyId}</code>
        </summary>
        <div className="mt-1 flex flex-col gap-2 text-ink-soft">
          <p>
            Public key <code className="break-all font-mono text-ink text-xs">{head.vkey}</code>
          </p>
          <p>
            Fingerprint <code className="break-words font-mono text-ink text-xs">{head.fingerprint}</code>.
            Compare it with the one that was published before.
          </p>
          <p>
            Keep{" "}
            <a href="/admin/audit/head" download className="text-ink underline underline-offset-4">
              the signed head
            </a>{" "}
            where nobody here can change it. Later, export the sealed log and check it on a computer of your
            own, with Keyturn's source and no access to this installation:
          </p>
          <pre className="overflow-x-auto rounded-md bg-sunken px-3 py-2 font-mono text-ink text-xs">
            {`npm run audit:verify -- --export sealed.jsonl --from head.txt --key '${head.vkey}'`}
          </pre>
        </div>
      </details>
    </>
  );
}

function waitingWords({ waiting, waitingUpTo }: SealedHead): string {
  if (waiting === 0) return "none waiting";
  if (waiting >= waitingUpTo) return `${waitingUpTo.toLocaleString("en-GB")} or more waiting`;
  return `${waiting.toLocaleString("en-GB")} waiting`;
}

function Witness({ witness }: Pick<Props, "witness">) {
  if (witness)
    return (
      <p className="text-ink-soft">
        Each day's first signed head goes to a {witness === "mail" ? "mailbox" : "folder"} outside: it shows
        when somebody rewrites what came before.
      </p>
    );
  return (
    <p className="text-ink-soft">
      Nobody outside keeps the log's signed heads yet. Name a folder or a mail address in{" "}
      <code>KEYTURN_AUDIT_WITNESS</code>, so that it shows when somebody rewrites the log.
    </p>
  );
}
