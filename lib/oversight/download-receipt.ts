import { and, eq, isNotNull, like, or } from "drizzle-orm";
import { z } from "zod";
import type { Reader } from "@/db/client";
import { auditEvents } from "@/db/schema/audit";
import { mayReadAudit } from "@/lib/access/access";
import { readOpening } from "@/lib/audit/read-opening";
import { defineCommand } from "@/lib/command";
import type { Person } from "@/lib/people/person";
import { secrets } from "@/lib/platform/secrets";
import { consumeGrant } from "@/lib/step-up/grant";
import { markOpened } from "@/lib/step-up/page-gate";

const action = "admin.download-receipt";

/**
 * A row of the log that an outsider can be given a receipt of: what somebody confirmed in administration, or about
 * their own account. Never one about a customer, whom a reader of the log doesn't see (docs/decisions/016).
 */
export async function readAdministrativeReceipt(read: Reader, person: Person, eventId: string) {
  if (!mayReadAudit(person) || !z.guid().safeParse(eventId).success) return null;
  const [row] = await read
    .select({
      eventId: auditEvents.id,
      seq: auditEvents.seq,
      id: auditEvents.id,
      sealed: auditEvents.sealed,
      detail: auditEvents.detail,
    })
    .from(auditEvents)
    .where(
      and(
        eq(auditEvents.id, eventId),
        or(like(auditEvents.action, "admin.%"), like(auditEvents.action, "security.%")),
        eq(auditEvents.outcome, "allowed"),
        eq(auditEvents.isDemo, false),
        isNotNull(auditEvents.sealed),
      ),
    );
  if (!row) return null;
  const { told } = await readOpening(read, secrets().encryptionKeys, row);
  return told?.content === undefined ? null : { eventId: row.eventId, number: Number(row.seq) };
}

/** Unlocks the receipt of one such row: it tells who confirmed what, in the words of the prompt. */
export const downloadReceipt = defineCommand({
  name: "admin.download-receipt",
  input: z.strictObject({ eventId: z.uuid() }),
  subject: (read, person, { eventId }) => readAdministrativeReceipt(read, person, eventId),
  names: ({ eventId }) => ({ type: "event", id: eventId }),
  record: ({ eventId }) => ({ type: "event", id: eventId, version: null }),
  prompt: ({ number }) => ({
    purpose: `to download a receipt of row ${number} of the log`,
    verb: "Download receipt",
    changes: [],
  }),
  async run(tx, grant, { eventId }, { facts, evidenceId }) {
    await consumeGrant(tx, grant, action, eventId);
    await markOpened(tx, { sessionId: facts.sessionId, action, recordId: eventId, evidenceId });
    return { data: null, detail: {} };
  },
});
