import { Panel } from "@/components/ui/panel";

/** Said to administrators until somebody outside keeps the log's heads. */
export function NoWitness() {
  return (
    <Panel title="Audit log">
      <p>
        Nobody outside keeps the log's signed heads yet. Name a folder or a mail address in{" "}
        <code>KEYTURN_AUDIT_WITNESS</code>, so that it shows when somebody rewrites the log.
      </p>
    </Panel>
  );
}
