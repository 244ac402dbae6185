import { desc, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { outbox } from "@/db/schema/outbox";
import { bodyOf } from "./outbox";
import { type MailState, stateOf } from "./state";
import { textMessageOf } from "./text-message";

export type { MailState };

export type ShownMail = {
  id: string;
  channel: "mail" | "sms";
  recipient: string;
  subject: string;
  /** Empty once it is gone. */
  body: string;
  createdAt: Date;
  state: MailState;
};

/** The newest messages of the outbox with their texts: what /demo shows in place of mailboxes and phones. */
export async function readOutbox(read: Reader): Promise<ShownMail[]> {
  const rows = await read
    .select({ mail: outbox, nowMs: sql<number>`(extract(epoch from now()) * 1000)::float8` })
    .from(outbox)
    .orderBy(desc(outbox.createdAt))
    .limit(50);
  return rows.map(({ mail, nowMs }) => ({
    id: mail.id,
    channel: mail.channel,
    recipient: mail.recipient,
    subject: mail.subject,
    body: (mail.channel === "sms" ? textMessageOf(mail)?.text : bodyOf(mail)) ?? "",
    createdAt: mail.createdAt,
    state: stateOf(mail, new Date(Number(nowMs))),
  }));
}
