import { and, inArray, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { outbox } from "@/db/schema/outbox";
import { openLink } from "@/lib/links/links";
import { seal, unseal } from "@/lib/platform/key-ring";
import { secrets } from "@/lib/platform/secrets";

/** `lifetimeSeconds`: after that it is worth nothing, and is not sent any more. */
export type Mail = { kind: string; subject: string; body: string; lifetimeSeconds?: number };

/** What the owner can take back by "This wasn't me" (lib/security/not-me/). */
export type NotMe = {
  did:
    | "factor-added"
    | "factor-removed"
    | "recovery-codes"
    | "recovery-code-used"
    | "password-changed"
    | "email-changed"
    | "signed-in"
    | "sessions-ended"
    | "factors-reset"
    | "suspicious";
  authenticatorId?: string;
  emailChangeId?: string;
};

export type Recipient = { id: string; email: string };

/** How long "This wasn't me" works: people read their mail after the holidays. */
const notMeMinutes = 30 * 24 * 60;

/** Puts a mail to a person into the outbox, in the transaction of what it tells of: both happen, or neither. Returns its id. */
export async function mailTo(
  tx: Tx,
  to: { personId: string | null; email: string },
  mail: Mail,
): Promise<string> {
  const id = crypto.randomUUID();
  const { lifetimeSeconds } = mail;
  await tx.insert(outbox).values({
    id,
    personId: to.personId,
    recipient: to.email,
    kind: mail.kind,
    subject: mail.subject,
    sealedBody: seal(secrets().encryptionKeys, Buffer.from(mail.body), mailPlace(id)),
    ...(lifetimeSeconds ? { expiresAt: sql`now() + make_interval(secs => ${lifetimeSeconds})` } : {}),
  });
  return id;
}

/** A notice of something that was done to an account, with the link that takes it back (threats.md 21). */
export async function noticeTo(
  tx: Tx,
  person: { id: string | null; email: string },
  mail: Mail,
  notMe: NotMe,
): Promise<void> {
  const { url } = await openLink(tx, {
    purpose: "not-me",
    personId: person.id,
    data: notMe,
    lifetimeMinutes: notMeMinutes,
  });
  const body = `${mail.body}\n\nThis wasn't me: ${url}\n`;
  await mailTo(tx, { personId: person.id, email: person.email }, { ...mail, body });
}

/** What has not gone out stays here: what it says is worth nothing any more. One that is on its way goes all the same. */
export async function withdraw(tx: Tx, messageIds: string[]): Promise<void> {
  await tx
    .update(outbox)
    .set({ expiresAt: sql`now()` })
    .where(and(inArray(outbox.id, messageIds), isNull(outbox.sentAt)));
}

/** The text of a mail; null once it is gone. */
export function bodyOf(row: Pick<typeof outbox.$inferSelect, "id" | "sealedBody">): string | null {
  if (row.sealedBody === null) return null;
  return unseal(secrets().encryptionKeys, row.sealedBody, mailPlace(row.id)).toString("utf8");
}

/** What a mail is sealed for: its own row. */
export function mailPlace(id: string): string {
  return `keyturn mail v1:${id}`;
}
