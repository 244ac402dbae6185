import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Reader } from "@/db/client";
import { auditEvents, auditLeaves } from "@/db/schema/audit";
import { customers } from "@/db/schema/customers";
import { visibleCustomers } from "@/lib/access/access";
import { defineCommand } from "@/lib/command";
import type { Person } from "@/lib/people/person";
import { consumeGrant } from "@/lib/step-up/grant";
import { markOpened } from "@/lib/step-up/page-gate";
import { Invalid } from "@/lib/step-up/refusal";

/** A change of a customer that the person may see, and whether the log has sealed it. */
export async function readReceiptHead(read: Reader, person: Person, customerId: string, eventId: string) {
  if (![customerId, eventId].every((id) => z.guid().safeParse(id).success)) return null;
  const [row] = await read
    .select({
      eventId: auditEvents.id,
      customerId: customers.id,
      customerName: customers.name,
      customerNumber: customers.number,
      isSealed: sql<boolean>`${auditLeaves.seq} is not null`,
    })
    .from(auditEvents)
    .innerJoin(customers, eq(sql`${customers.id}::text`, auditEvents.recordId))
    .leftJoin(auditLeaves, eq(auditLeaves.seq, auditEvents.seq))
    .where(
      and(
        eq(auditEvents.id, eventId),
        eq(auditEvents.recordType, "customer"),
        eq(auditEvents.outcome, "allowed"),
        eq(auditEvents.isDemo, false),
        eq(customers.id, customerId),
        visibleCustomers(person),
      ),
    );
  return row ?? null;
}

/** Unlocks the receipt of one change: it tells guarded values. The file itself comes from its own address. */
export const downloadReceipt = defineCommand({
  name: "customer.download-receipt",
  input: z.strictObject({ customerId: z.uuid(), eventId: z.uuid() }),
  subject: (read, person, { customerId, eventId }) => readReceiptHead(read, person, customerId, eventId),
  names: ({ customerId }) => ({ type: "customer", id: customerId }),
  record: ({ customerId }) => ({ type: "customer", id: customerId, version: null }),
  prompt: ({ customerName }) => ({
    purpose: `to download a receipt of ${customerName}`,
    verb: "Download receipt",
    changes: [],
  }),
  async run(tx, grant, { customerId, eventId }, { subject, facts, evidenceId }) {
    await consumeGrant(tx, grant, "customer.download-receipt", customerId);
    if (!subject.isSealed)
      throw new Invalid({}, "The log seals this change right now. Try again in a moment.");
    const { sessionId } = facts;
    await markOpened(tx, {
      sessionId,
      action: "customer.download-receipt",
      recordId: customerId,
      evidenceId,
    });
    return { data: null, detail: { event: eventId } };
  },
});
