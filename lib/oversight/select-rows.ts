import { and, eq, type SQL, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { type AuditOutcome, auditEvents } from "@/db/schema/audit";
import { contracts, customers } from "@/db/schema/customers";
import { people } from "@/db/schema/people";
import { describeEvent } from "@/lib/audit/describe";
import { utc } from "@/lib/audit/stored";
import { openDetail } from "./open-detail";

/** A row of the log as administrators and auditors see it. */
export type LogRow = {
  seq: number;
  id: string;
  /** ISO 8601 in UTC, to the microsecond. */
  at: string;
  actor: { id: string; name: string | null; email: string | null } | null;
  sessionId: string | null;
  action: string;
  /** In words, with what confirmed it; and without, where that stands beside it. */
  sentence: string;
  summary: string;
  outcome: AuditOutcome;
  /** `number`: a customer's or contract's; of other records null. */
  record: { type: string; id: string | null; number: string | null } | null;
  factor: string | null;
  authenticatorId: string | null;
  policyVersion: number | null;
  address: string | null;
  detail: Record<string, unknown>;
  repeats: number;
  isDemo: boolean;
};

/** A place between two rows: what the row beside it sorts by. */
export type LogPlace = { at: string; seq: number };

export type Slice = {
  where: SQL | undefined;
  order: "newest" | "oldest";
  from: LogPlace | null;
  limit: number;
};

/** The next rows in their order behind a place. Knows nothing of who asks: `where` has the check. */
export async function selectRows(read: Reader, slice: Slice): Promise<LogRow[]> {
  const page = pageOf(read, slice);
  const rows = await read
    .select({
      seq: page.seq,
      id: page.id,
      at: page.utc,
      actorId: page.actorId,
      actorName: people.name,
      actorEmail: people.email,
      sessionId: page.sessionId,
      action: page.action,
      outcome: page.outcome,
      recordType: page.recordType,
      recordId: page.recordId,
      number: sql<string | null>`case ${page.recordType}
        when 'customer' then (select ${customers.number} from ${customers} where ${customers.id} = ${idIn(page.recordId)})
        when 'contract' then (select ${contracts.number} from ${contracts} where ${contracts.id} = ${idIn(page.recordId)}) end`,
      factor: page.factor,
      authenticatorId: page.authenticatorId,
      policyVersion: page.policyVersion,
      address: page.address,
      detail: page.detail,
      repeats: page.repeats,
      isDemo: page.isDemo,
    })
    .from(page)
    .leftJoin(people, eq(people.id, page.actorId))
    .orderBy(...inOrder(slice.order, sql`${page.at}`, sql`${page.seq}`));
  return rows.map(asLogRow);
}

type Selected = Omit<LogRow, "actor" | "sentence" | "summary" | "record" | "detail"> & {
  actorId: string | null;
  actorName: string | null;
  actorEmail: string | null;
  recordType: string | null;
  recordId: string | null;
  number: string | null;
  detail: unknown;
};

function asLogRow(row: Selected): LogRow {
  const { actorId, actorName, actorEmail, recordType, recordId, number, ...rest } = row;
  const detail = openDetail(row);
  const contractTitle = recordType === "contract" ? (number ?? recordId) : null;
  return {
    ...rest,
    seq: Number(row.seq),
    detail,
    actor: actorId ? { id: actorId, name: actorName, email: actorEmail } : null,
    record: recordType ? { type: recordType, id: recordId, number } : null,
    sentence: describeEvent({ ...rest, actorName, detail, contractTitle }),
    summary: describeEvent({ ...rest, actorName, detail, contractTitle, factor: null }),
  };
}

/** What is picked first, by the index that fits; all the rest is looked up for these few alone. */
function pageOf(read: Reader, { where, order, from, limit }: Slice) {
  const beyond = order === "newest" ? sql`<` : sql`>`;
  const position = from
    ? sql`(${auditEvents.at}, ${auditEvents.seq}) ${beyond} (${from.at}::timestamptz, ${from.seq}::bigint)`
    : undefined;
  return read
    .select({
      seq: auditEvents.seq,
      id: auditEvents.id,
      at: auditEvents.at,
      utc: utc().as("utc"),
      actorId: auditEvents.actorId,
      sessionId: auditEvents.sessionId,
      action: auditEvents.action,
      outcome: auditEvents.outcome,
      recordType: auditEvents.recordType,
      recordId: auditEvents.recordId,
      factor: auditEvents.factor,
      authenticatorId: auditEvents.authenticatorId,
      policyVersion: auditEvents.policyVersion,
      address: auditEvents.address,
      detail: sql<unknown>`${auditEvents.detail} - '{assertion,credential}'::text[]`.as("detail"),
      repeats: auditEvents.repeats,
      isDemo: auditEvents.isDemo,
    })
    .from(auditEvents)
    .where(and(where, position))
    .orderBy(...inOrder(order, sql`${auditEvents.at}`, sql`${auditEvents.seq}`))
    .limit(limit)
    .as("page");
}

function inOrder(order: Slice["order"], at: SQL, seq: SQL): SQL[] {
  const way = order === "newest" ? sql`desc` : sql`asc`;
  return [sql`${at} ${way}`, sql`${seq} ${way}`];
}

/** A record's id as a uuid; null where somebody wrote another thing there, which must not take the page away. */
function idIn(recordId: unknown): SQL {
  return sql`case when ${recordId} ~ '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' then ${recordId}::uuid end`;
}
