import { and, eq, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { auditEvents } from "@/db/schema/audit";
import { approvalDays } from "@/lib/approvals/ask";
import { macOf, storedColumns } from "@/lib/audit/stored";
import { secrets } from "@/lib/platform/secrets";
import { Invalid } from "@/lib/step-up/refusal";

/**
 * A request's row can be written to by whoever writes to the database; the log can't be in another's name, since its rows
 * carry the app's MAC. Throws Invalid unless the log tells that this administrator asked for exactly this document.
 */
export async function requireAsked(read: Reader, askedBy: string, sha256: string): Promise<void> {
  const rows = await read
    .select(storedColumns)
    .from(auditEvents)
    .where(
      and(
        eq(auditEvents.actorId, askedBy),
        eq(auditEvents.outcome, "allowed"),
        sql`${auditEvents.at} > now() - make_interval(days => ${approvalDays + 1})`,
        sql`${auditEvents.detail}->>'step' = 'asked'`,
        sql`${auditEvents.detail}->>'sha256' = ${sha256}`,
      ),
    );
  if (rows.some((row) => row.mac === macOf(row, secrets().auditKey))) return;
  throw new Invalid(
    {},
    "This isn't what was asked for: it was changed in the database. Decline it, and ask again.",
  );
}
