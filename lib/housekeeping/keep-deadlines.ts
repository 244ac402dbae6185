import type { Database } from "@/db/client";
import { takesTurnOf } from "@/db/turn";
import { logFailure } from "@/lib/platform/log";
import { demandSecondFactor } from "@/lib/security/deadline/demand";
import { remindOfDeadlines } from "@/lib/security/deadline/remind";

/**
 * Gives people the deadlines that the policy demands, and tells them by mail when one is near; one process at a time.
 * What fails is logged, and tried again with the next turn.
 */
export async function keepDeadlines(database: Database): Promise<void> {
  try {
    await database.transaction(async (tx) => {
      if (!(await takesTurnOf(tx, "sweep"))) return;
      await demandSecondFactor(tx);
      await remindOfDeadlines(tx);
    });
  } catch (error) {
    logFailure("deadlines", "housekeeping.deadlines", error);
  }
}
