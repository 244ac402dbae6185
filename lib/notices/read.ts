import { desc } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { outbox } from "@/db/schema/outbox";
import { bodyOf } from "./outbox";

/** The newest mails of the outbox with their texts: what /demo shows in place of a mailbox. */
export async function readOutbox(read: Reader) {
  const rows = await read.select().from(outbox).orderBy(desc(outbox.createdAt)).limit(50);
  return rows.map(({ sealedBody, ...row }) => ({ ...row, body: bodyOf({ id: row.id, sealedBody }) ?? "" }));
}
