import { and, desc, eq, inArray, lt, type SQL, sql } from "drizzle-orm";
import { unionAll } from "drizzle-orm/pg-core";
import type { Reader } from "@/db/client";
import { auditEvents, auditSubjectKeys } from "@/db/schema/audit";
import { contracts } from "@/db/schema/customers";
import { people } from "@/db/schema/people";
import type { KeyRing } from "@/lib/platform/key-ring";
import { isSealingKey, openWith } from "./read-opening";
import { utc } from "./stored";

export type ActivityEvent = Awaited<ReturnType<typeof readActivity>>[number];

export type ActivityPage = {
  limit?: number;
  /** The `seq` of the last event that was shown: older ones follow. */
  before?: number;
  /** Acts that are confirmed for exactly their input: an erasure takes the words, and not the receipt. */
  confirmed?: readonly string[];
};

/**
 * The newest decisions about a customer and its contracts. Knows nothing of who asks: call it for a customer that
 * readCustomer has just shown to the person.
 */
export async function readActivity(
  read: Reader,
  ring: KeyRing,
  customerId: string,
  { limit = 20, before, confirmed = [] }: ActivityPage = {},
) {
  const isOlder = before === undefined ? sql`true` : lt(auditEvents.seq, before);
  const rows = await read
    .select({
      seq: auditEvents.seq,
      id: auditEvents.id,
      /** ISO 8601 in UTC. */
      at: utc(),
      action: auditEvents.action,
      outcome: auditEvents.outcome,
      factor: auditEvents.factor,
      detail: auditEvents.detail,
      repeats: auditEvents.repeats,
      isDemo: auditEvents.isDemo,
      actorName: people.name,
      contractTitle: contracts.title,
      sealed: auditEvents.sealed,
      key: { id: auditSubjectKeys.id, sealedKey: auditSubjectKeys.sealedKey },
    })
    .from(auditEvents)
    .leftJoin(people, eq(people.id, auditEvents.actorId))
    .leftJoin(contracts, isAboutContract)
    .leftJoin(auditSubjectKeys, isSealingKey)
    .where(inArray(auditEvents.seq, newestOf(read, customerId, isOlder, limit)))
    .orderBy(desc(auditEvents.seq))
    .limit(limit);
  return rows.map(({ sealed, key, ...row }) => {
    const { state, told } = openWith(ring, { id: row.id, sealed }, key);
    return {
      ...row,
      changes: told?.changes ?? changesOfDemo(row.detail),
      isErased: state === "erased",
      /** Whether an outsider can be given a receipt of it: an input-bound change. */
      hasReceipt:
        row.outcome === "allowed" &&
        (told?.content !== undefined ||
          isSigned(row.detail) ||
          (state === "erased" && confirmed.includes(row.action))),
    };
  });
}

type Changes = { field: string; from: string; to: string }[];

/** Seeded history is nobody's: it lies open. */
function changesOfDemo(detail: unknown): Changes {
  const { changes } = detail as { changes?: Changes };
  return changes ?? [];
}

/** Also where what was confirmed has been erased. */
function isSigned(detail: unknown): boolean {
  return typeof detail === "object" && detail !== null && "assertion" in detail;
}

const isAboutContract = and(
  eq(auditEvents.recordType, "contract"),
  eq(auditEvents.recordId, sql`${contracts.id}::text`),
);

/** The customer's own and its contracts', each by the index: an OR over both would read the whole log. */
function newestOf(read: Reader, customerId: string, isOlder: SQL, limit: number) {
  const own = read
    .select({ seq: auditEvents.seq })
    .from(auditEvents)
    .where(and(eq(auditEvents.recordType, "customer"), eq(auditEvents.recordId, customerId), isOlder))
    .orderBy(desc(auditEvents.seq))
    .limit(limit);
  const ofContracts = read
    .select({ seq: auditEvents.seq })
    .from(contracts)
    .innerJoin(auditEvents, isAboutContract)
    .where(and(eq(contracts.customerId, customerId), isOlder))
    .orderBy(desc(auditEvents.seq))
    .limit(limit);
  return unionAll(own, ofContracts);
}
