import { desc } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { outbox } from "@/db/schema/outbox";

/** The newest mails of the outbox: what /demo shows in place of a mailbox. */
export function readOutbox(read: Reader) {
  return read.select().from(outbox).orderBy(desc(outbox.createdAt)).limit(50);
}
