import { and, eq, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { helpRequests } from "@/db/schema/help-requests";

/** A person's requests for help are over: they got it, or left. */
export async function answerRequests(tx: Tx, personId: string, resolvedBy: string): Promise<void> {
  await tx
    .update(helpRequests)
    .set({ resolvedAt: sql`now()`, resolvedBy })
    .where(and(eq(helpRequests.personId, personId), isNull(helpRequests.resolvedAt)));
}
