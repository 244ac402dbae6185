import { and, eq } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { people } from "@/db/schema/people";
import { recordUnproved } from "@/lib/audit/record";
import { openLink, revokeLinks } from "@/lib/links/links";
import { mailTo } from "@/lib/notices/outbox";
import { Forbidden } from "@/lib/step-up/refusal";
import { isOpenAccount, readAdministrators } from "./administrators";
import { invitationHours } from "./invitation";

/** So short a reason tells nobody anything. */
export const shortestReason = 10;

/**
 * Break-glass, for an administrator who lost everything, and for everybody where no second administrator can approve a
 * reset (docs/decisions/018): a link that gives the account to whoever holds it. Nothing changes until it is used, and
 * every administrator is told at once, the person too. Throws Forbidden with a sentence.
 */
export async function recoverPerson(
  tx: Tx,
  { email, reason }: { email: string; reason: string },
): Promise<{ url: string }> {
  if (reason.length < shortestReason)
    throw new Forbidden(
      `Give a reason of at least ${shortestReason} characters, such as --reason "Ada lost phone and codes".`,
    );
  const [person] = await tx
    .select({ id: people.id, name: people.name })
    .from(people)
    .where(and(eq(people.email, email), isOpenAccount()));
  if (!person) throw new Forbidden(`There is no open account of ${email}; check the address.`);
  await revokeLinks(tx, "recovery", person.id);
  const { id, url } = await openLink(tx, {
    purpose: "recovery",
    personId: person.id,
    data: { email, reason },
    lifetimeMinutes: invitationHours * 60,
  });
  await tell(tx, { id: person.id, email, name: person.name, reason });
  await recordUnproved(tx, {
    actorId: null,
    action: "admin.recover",
    record: { type: "person", id: person.id },
    address: null,
    detail: { email, reason, link: id },
  });
  return { url };
}

/** Whoever knows that this is wrong learns it while the link can still be taken back. */
async function tell(
  tx: Tx,
  { id, email, name, reason }: { id: string; email: string; name: string; reason: string },
): Promise<void> {
  const body = `Whoever runs Keyturn's host made a link that recovers the account of ${name} (${email}). Reason given: ${reason}

With it, the account gets a new password and a new second factor; the old ones are removed. It works once, within ${invitationHours} hours. If this is not what you expect, talk to whoever runs the host, and take the link back on the page People.`;
  const administrators = await readAdministrators(tx);
  const own = administrators.some((one) => one.id === id) ? [] : [{ id, email }];
  for (const to of [...administrators, ...own]) {
    await mailTo(
      tx,
      { personId: to.id, email: to.email },
      { kind: "account-recovery", subject: `A recovery link for ${name} was made`, body },
    );
  }
}
