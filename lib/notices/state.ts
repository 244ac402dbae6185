import type { outbox } from "@/db/schema/outbox";

/** A mail that could not be sent for this long is given up: what it tells has long been found out otherwise. */
export const patienceDays = 3;

export type MailState = "sent" | "waiting" | "trying-again" | "given-up";

/** Where a mail is. A given-up one is due when there is no patience with it any more: see deliver.ts. */
export function stateOf(
  mail: Pick<typeof outbox.$inferSelect, "sentAt" | "attempts" | "createdAt" | "nextAttemptAt" | "expiresAt">,
  now: Date,
): MailState {
  const patience = mail.createdAt.getTime() + patienceDays * 24 * 60 * 60 * 1000;
  const end = Math.min(patience, mail.expiresAt?.getTime() ?? patience);
  if (mail.sentAt) return "sent";
  if (mail.nextAttemptAt.getTime() >= end || now.getTime() >= end) return "given-up";
  return mail.attempts > 0 ? "trying-again" : "waiting";
}
