import { and, eq, gt, isNotNull, lte, sql } from "drizzle-orm";
import type { Database } from "@/db/client";
import { outbox } from "@/db/schema/outbox";
import type { Courier } from "./courier";

/** For how long the gateway is asked: the person who waits for a code has given up by then. */
const followedSeconds = 120;
const batchSize = 5;

/**
 * Asks the gateway what became of the messages that it took: after two seconds, then at twice the message's age each
 * time. An answer that does not come is asked for again, and in the end is none.
 */
export async function followDue(database: Database, courier: Courier): Promise<void> {
  const due = await takeDue(database);
  await Promise.all(
    due.map(async ({ id, gatewayId }) => {
      const told = await courier.ask?.(gatewayId ?? "").catch(() => "on-its-way");
      if (told !== "delivered" && told !== "failed") return;
      const lastError = told === "failed" ? "the gateway could not deliver it" : null;
      await database.update(outbox).set({ delivery: told, lastError }).where(eq(outbox.id, id));
    }),
  );
}

function takeDue(database: Database) {
  const age = sql`now() - ${outbox.sentAt}`;
  const due = database
    .select({ id: outbox.id })
    .from(outbox)
    .where(
      and(
        eq(outbox.delivery, "accepted"),
        isNotNull(outbox.gatewayId),
        gt(outbox.sentAt, sql`now() - make_interval(secs => ${followedSeconds})`),
        lte(outbox.nextAttemptAt, sql`now()`),
      ),
    )
    .limit(batchSize)
    .for("update", { skipLocked: true });
  return database
    .update(outbox)
    .set({ nextAttemptAt: sql`now() + greatest(${age}, interval '2 seconds')` })
    .where(sql`${outbox.id} = any(array(${due}))`)
    .returning({ id: outbox.id, gatewayId: outbox.gatewayId });
}
