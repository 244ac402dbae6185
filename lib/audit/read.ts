import { and, desc, eq, inArray, or, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { auditEvents } from "@/db/schema/audit";
import { contracts } from "@/db/schema/customers";
import { people } from "@/db/schema/people";

export type ActivityEvent = Awaited<ReturnType<typeof readActivity>>[number];

/** The newest decisions about a customer and its contracts. */
export function readActivity(read: Reader, customerId: string, { limit = 20 } = {}) {
  const own = read.select({ id: sql`${contracts.id}::text` }).from(contracts).where(eq(contracts.customerId, customerId));
  return read
    .select({ id: auditEvents.id, at: auditEvents.at, action: auditEvents.action, outcome: auditEvents.outcome, factor: auditEvents.factor, detail: auditEvents.detail, isDemo: auditEvents.isDemo, actorName: people.name })
    .from(auditEvents)
    .leftJoin(people, eq(people.id, auditEvents.actorId))
    .where(or(and(eq(auditEvents.recordType, "customer"), eq(auditEvents.recordId, customerId)), and(eq(auditEvents.recordType, "contract"), inArray(auditEvents.recordId, own))))
    .orderBy(desc(auditEvents.seq))
    .limit(limit);
}
