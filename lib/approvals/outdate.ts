import { and, eq, isNull, or, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { approvals } from "@/db/schema/approvals";

/** What a person asked for, and what was asked about them, is over: they don't administer any more, or are not here. */
export async function outdateApprovals(tx: Tx, personId: string): Promise<number> {
  const outdated = await tx
    .update(approvals)
    .set({ outcome: "outdated", decidedAt: sql`now()` })
    .where(
      and(isNull(approvals.outcome), or(eq(approvals.askedBy, personId), eq(approvals.subject, personId))),
    )
    .returning({ id: approvals.id });
  return outdated.length;
}
