import { eq } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { people } from "@/db/schema/people";
import { recordUnproved } from "@/lib/audit/record";
import { Forbidden } from "@/lib/step-up/refusal";
import { hasEnrolledAdministrator, hasEverEnrolled } from "./administrators";
import { openInvitation, takeInvitationTurn } from "./invitation";

/**
 * The link with which the first administrator of an installation begins. For the operator at the host (scripts): who
 * can run it can read the keys and the database as well. Throws Forbidden with a sentence.
 */
export async function createAdministrator(tx: Tx, email: string): Promise<{ url: string }> {
  await takeInvitationTurn(tx);
  const unfinished = await requireUnfinished(tx, email);
  if (await hasEnrolledAdministrator(tx))
    throw new Forbidden(
      "Keyturn has an administrator already; administrators invite one another on the page People.",
    );
  const { id, url } = await openInvitation(
    tx,
    { email, name: unfinished?.name ?? "", role: "administrator", teamId: null },
    { createdBy: null, ...(unfinished ? { personId: unfinished.id } : {}) },
  );
  await recordUnproved(tx, {
    actorId: null,
    action: "admin.create",
    record: { type: "invitation", id },
    address: null,
    detail: { email },
  });
  return { url };
}

/** The account of an administrator who left before setting up a second factor; null where there is none. */
async function requireUnfinished(tx: Tx, email: string): Promise<{ id: string; name: string } | null> {
  const [account] = await tx
    .select({
      id: people.id,
      name: people.name,
      role: people.role,
      isDemo: people.isDemo,
      disabledAt: people.disabledAt,
    })
    .from(people)
    .where(eq(people.email, email));
  if (!account) return null;
  if (account.isDemo) throw new Forbidden(`${email} is a demo account; give an address of your own.`);
  if (account.disabledAt)
    throw new Forbidden(
      `The account of ${email} is disabled: npm run admin:recover opens it again. Otherwise give another address.`,
    );
  if (await hasEverEnrolled(tx, account.id))
    throw new Forbidden(
      `${email} has an account with a second factor already; sign in, or use npm run admin:recover for an administrator who lost everything.`,
    );
  if (account.role !== "administrator")
    throw new Forbidden(
      `${email} is the account of somebody who is not an administrator; give another address.`,
    );
  return { id: account.id, name: account.name };
}
