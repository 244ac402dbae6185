import { and, eq, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { auditEvents } from "@/db/schema/audit";
import { approvalDays } from "@/lib/approvals/ask";
import { isOurs, storedColumns } from "@/lib/audit/stored";
import { secrets } from "@/lib/platform/secrets";
import { Invalid } from "@/lib/step-up/refusal";

/** A request for a document, as its row tells it. */
type Asked = { approvalId: string; askedBy: string; sha256: string; basedOn: number; reason: string };

/**
 * A request's row can be written to by whoever writes to the database; the log can't be in another's name, since its rows
 * carry the app's MAC. Throws Invalid unless the log tells that this administrator asked for exactly this document, in
 * this request and for this reason, and that nothing has ended it since.
 */
export async function requireAsked(read: Reader, asked: Asked): Promise<void> {
  if ((await isInLog(read, asked)) && !(await isOver(read, asked.approvalId))) return;
  throw new Invalid(
    {},
    "This isn't what was asked for: it was changed in the database. Decline it, and ask again.",
  );
}

async function isInLog(
  read: Reader,
  { approvalId, askedBy, sha256, basedOn, reason }: Asked,
): Promise<boolean> {
  const rows = await read
    .select(storedColumns)
    .from(auditEvents)
    .where(
      and(
        eq(auditEvents.actorId, askedBy),
        eq(auditEvents.outcome, "allowed"),
        eq(auditEvents.policyVersion, basedOn),
        sql`${auditEvents.at} > now() - make_interval(days => ${approvalDays + 1})`,
        sql`${auditEvents.detail} @> ${JSON.stringify({ step: "asked", approval: approvalId, sha256, reason })}::jsonb`,
      ),
    );
  return rows.some((row) => isOurs(row, secrets().auditKey));
}

/** Approved, declined, withdrawn or outdated: the log keeps that, whatever the request's row says. */
async function isOver(read: Reader, approvalId: string): Promise<boolean> {
  const ends = and(
    eq(auditEvents.recordType, "approval"),
    eq(auditEvents.recordId, approvalId),
    eq(auditEvents.outcome, "allowed"),
  );
  return (await read.$count(auditEvents, ends)) > 0;
}
