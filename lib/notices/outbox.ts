import type { Tx } from "@/db/client";
import { outbox } from "@/db/schema/outbox";
import type { Person } from "@/lib/people/person";

export type Notice = { kind: string; subject: string; body: string; data?: Record<string, unknown> };

/** Puts a mail to a person into the outbox, in the transaction of what it tells of: both happen, or neither. */
export async function noticeTo(tx: Tx, person: Person, notice: Notice): Promise<void> {
  const { kind, subject, body, data } = notice;
  await tx
    .insert(outbox)
    .values({ personId: person.id, recipient: person.email, kind, subject, body, data: data ?? {} });
}
