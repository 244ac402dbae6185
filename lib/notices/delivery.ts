import { eq, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { outbox } from "@/db/schema/outbox";
import type { Delivery } from "@/lib/step-up/factors/sent-code/sent-code";
import { stateOf } from "./state";

/** What became of a message, for the prompt of the person who waits for it. */
export async function deliveryOf(read: Reader, messageId: string): Promise<Delivery> {
  const [row] = await read
    .select({ message: outbox, nowMs: sql<number>`(extract(epoch from now()) * 1000)::float8` })
    .from(outbox)
    .where(eq(outbox.id, messageId));
  if (!row) return "waiting";
  if (row.message.delivery === "failed") return "failed";
  if (row.message.delivery === "delivered") return "delivered";
  const state = stateOf(row.message, new Date(Number(row.nowMs)));
  if (state === "given-up") return "failed";
  if (state === "sent") return "sent";
  return row.message.lastError === null ? "waiting" : "delayed";
}
