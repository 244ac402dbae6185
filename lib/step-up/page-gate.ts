import type { Tx } from "@/db/client";
import { openings } from "@/db/schema/step-up";
import { type Decision, decide } from "./decide";
import type { SessionFacts } from "./facts";
import type { Ports } from "./ports";

export type PageGate<Person> = {
  /** Whether the page may render the sensitive data now. Deny means: render the gate and none of the data. */
  decidePage(action: string, facts: SessionFacts<Person>): Decision;
  /**
   * Writes the audit row of an opening, once for a session, record and proof: rendering the same page again adds
   * none. Must run before the data is read.
   */
  recordOpening(
    action: string,
    facts: SessionFacts<Person>,
    decision: Extract<Decision, { outcome: "satisfied" }>,
    record: { type: string; id: string },
  ): Promise<void>;
};

/** Reading is gated like changing (threats.md 7d): the same decision, from the same facts. */
export function createPageGate<Person>(ports: Ports<Person>): PageGate<Person> {
  return {
    decidePage: (action, facts) => decide(ports.requirementOf(action, facts), facts),
    async recordOpening(action, facts, decision, record) {
      const { evidence } = decision;
      if (!evidence) return;
      const { database } = await ports.database();
      await database.transaction(async (tx) => {
        const opening = { sessionId: facts.sessionId, action, recordId: record.id, evidenceId: evidence.id };
        if (!(await markOpened(tx, opening))) return;
        const { factor, authenticatorId } = evidence;
        await ports.audit.record(tx, {
          facts,
          action,
          outcome: "allowed",
          record,
          digest: null,
          factor,
          authenticatorId,
          detail: { by: "page" },
        });
      });
    },
  };
}

export type Opening = { sessionId: string; action: string; recordId: string; evidenceId: string | null };

/** Notes that a record was opened under a proof; true the first time. A command that opens a page calls it, too. */
export async function markOpened(tx: Tx, opening: Opening): Promise<boolean> {
  const { evidenceId, ...rest } = opening;
  if (!evidenceId) return false;
  const first = await tx
    .insert(openings)
    .values({ ...rest, evidenceId })
    .onConflictDoNothing()
    .returning({ at: openings.openedAt });
  return first.length === 1;
}
