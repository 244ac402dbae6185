import type { Database } from "@/db/client";
import { takesTurnOf } from "@/db/turn";
import { outdateApprovals } from "@/lib/approvals/outdate";
import { logFailure } from "@/lib/platform/log";
import { demandSecondFactor } from "@/lib/security/deadline/demand";
import { remindOfDeadlines } from "@/lib/security/deadline/remind";

/**
 * Gives people the deadlines that the policy demands, tells them by mail when one is near, and ends requests that nobody
 * decided in time; one process at a time. What fails is logged, and tried again with the next turn.
 */
export async function keepDeadlines(database: Database): Promise<void> {
  try {
    await database.transaction(async (tx) => {
      if (!(await takesTurnOf(tx, "sweep"))) return;
      await demandSecondFactor(tx);
      await remindOfDeadlines(tx);
      await outdateApprovals(tx, "ran-out", "ran-out", null);
    });
  } catch (error) {
    logFailure("deadlines", "housekeeping.deadlines", error);
  }
}
