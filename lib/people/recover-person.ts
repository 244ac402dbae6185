import { and, eq } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { people } from "@/db/schema/people";
import { recordUnproved } from "@/lib/audit/record";
import { openLink, revokeLinks } from "@/lib/links/links";
import { mailTo } from "@/lib/notices/outbox";
import { Forbidden } from "@/lib/step-up/refusal";
import { isOfThisInstallation, readAdministrators } from "./administrators";
import { invitationHours } from "./invitation";
import { isTaken } from "./is-taken";

/** So short a reason tells nobody anything. */
export const shortestReason = 10;

/** Whose account, why, and where its owner is reached from then on; null: at the address that it has. */
export type Recovery = { email: string; reason: string; newEmail: string | null };

/**
 * Break-glass, for an administrator who lost everything, and for everybody where no second administrator can approve a
 * reset, or enable an administrator's account (docs/decisions/018): a link that gives the account to whoever holds it. Nothing changes until it is used, and
 * every administrator is told at once, the person too. Throws Forbidden with a sentence.
 */
export async function recoverPerson(tx: Tx, wanted: Recovery): Promise<{ url: string; opens: boolean }> {
  const { email, reason } = wanted;
  if (reason.length < shortestReason)
    throw new Forbidden(
      `Give a reason of at least ${shortestReason} characters, such as --reason "Ada lost phone and codes".`,
    );
  const [person] = await tx
    .select({
      id: people.id,
      name: people.name,
      disabledAt: people.disabledAt,
      closedBy: people.closedBy,
    })
    .from(people)
    .where(and(eq(people.email, email), isOfThisInstallation()));
  if (!person) throw new Forbidden(`There is no account of ${email}; check the address.`);
  const newEmail = await requireAddress(tx, { id: person.id, closed: person.closedBy === "owner" }, wanted);
  const opens = person.disabledAt !== null;
  await revokeLinks(tx, "recovery", person.id);
  const { id, url } = await openLink(tx, {
    purpose: "recovery",
    personId: person.id,
    data: { email, reason, opens, ...(newEmail ? { newEmail } : {}) },
    lifetimeMinutes: invitationHours * 60,
  });
  await tell(tx, { id: person.id, email: newEmail ?? email, name: person.name, reason, opens });
  await recordUnproved(tx, {
    actorId: null,
    action: "admin.recover",
    record: { type: "person", id: person.id },
    address: null,
    detail: { email, reason, link: id, opens, ...(newEmail ? { newEmail } : {}) },
  });
  return { url, opens };
}

/** An account that "This wasn't me" closed gets another address, for its own may be a thief's; no other one does. */
async function requireAddress(
  tx: Tx,
  { id, closed }: { id: string; closed: boolean },
  { email, newEmail }: Recovery,
): Promise<string | null> {
  if (!closed && newEmail === null) return null;
  if (!closed) throw new Forbidden("Only an account that “This wasn't me” closed gets another address here.");
  if (newEmail === null || newEmail === email)
    throw new Forbidden(
      `“This wasn't me” closed this account, and ${email} may be somebody else's: give the address at which you reached its owner, with --new-email ADDRESS.`,
    );
  if (await isTaken(tx, newEmail, id)) throw new Forbidden(`Somebody else has an account with ${newEmail}.`);
  return newEmail;
}

/** Whoever knows that this is wrong learns it while the link can still be taken back. */
async function tell(
  tx: Tx,
  {
    id,
    email,
    name,
    reason,
    opens,
  }: { id: string; email: string; name: string; reason: string; opens: boolean },
): Promise<void> {
  const body = `Whoever runs Keyturn's host made a link that recovers the account of ${name} (${email}). Reason given: ${reason}

With it, the account gets a new password and a new second factor; the old ones are removed.${opens ? " The account is disabled now; using the link opens it again." : ""} It works once, within ${invitationHours} hours. If this is not what you expect, talk to whoever runs the host, and take the link back on the page People.`;
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
