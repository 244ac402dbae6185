import { and, eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Reader } from "@/db/client";
import { auditEvents } from "@/db/schema/audit";
import { customers } from "@/db/schema/customers";
import { visibleCustomers } from "@/lib/access/access";
import { defineCommand } from "@/lib/command";
import type { Person } from "@/lib/people/person";
import { consumeGrant } from "@/lib/step-up/grant";
import { markOpened } from "@/lib/step-up/page-gate";

/** A change of a customer that the person may see. */
export async function readReceiptHead(read: Reader, person: Person, customerId: string, eventId: string) {
  if (![customerId, eventId].every((id) => z.guid().safeParse(id).success)) return null;
  const [row] = await read
    .select({
      eventId: auditEvents.id,
      customerId: customers.id,
      customerName: customers.name,
      customerNumber: customers.number,
    })
    .from(auditEvents)
    .innerJoin(customers, eq(sql`${customers.id}::text`, auditEvents.recordId))
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
  async run(tx, grant, { customerId, eventId }, { facts, evidenceId }) {
    await consumeGrant(tx, grant, "customer.download-receipt", customerId);
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
