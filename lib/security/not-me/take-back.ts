import { and, asc, eq, gte, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { emailChanges } from "@/db/schema/links";
import { people } from "@/db/schema/people";
import { authenticators, recoveryCodes } from "@/db/schema/step-up";
import type { NotMe } from "@/lib/notices/outbox";
import { isTaken } from "@/lib/people/is-taken";

/**
 * What was taken back. `email`: where the owner is reached now; null when the account's address may be the thief's and
 * there is no way back to the old one.
 */
export type TakenBack = { suspended: string[]; codesRevoked: number; email: string | null };

type Owner = { id: string; email: string };

/** Undoes what was reported, as far as it lets anybody in. What was taken away stays away: that is the owner's to redo. */
export async function takeBack(tx: Tx, person: Owner, reported: NotMe): Promise<TakenBack> {
  const nothing = { suspended: [], codesRevoked: 0, email: person.email };
  switch (reported.did) {
    case "factor-added":
      return { ...nothing, ...(await suspendFrom(tx, person.id, reported.authenticatorId)) };
    case "recovery-codes":
    case "recovery-code-used":
      return { ...nothing, codesRevoked: await revokeCodes(tx, person.id) };
    case "email-changed":
      return { ...nothing, email: await putBackEmail(tx, person, reported.emailChangeId) };
    case "factor-removed":
    case "password-changed":
    case "signed-in":
    case "sessions-ended":
    case "factors-reset":
    case "suspicious":
      return nothing;
  }
}

/**
 * The authenticator and all that came after it: the reported one could vouch for the next one, and its owner was told
 * of each, but a single answer must be enough.
 */
async function suspendFrom(tx: Tx, personId: string, authenticatorId: string | undefined) {
  if (!authenticatorId) return {};
  const [reported] = await tx
    .select({ createdAt: sql<string>`${authenticators.createdAt}::text` })
    .from(authenticators)
    .where(and(eq(authenticators.id, authenticatorId), eq(authenticators.userId, personId)));
  if (!reported) return {};
  // As text: a Date would round the microseconds away, and with them the row itself.
  const since = sql`${reported.createdAt}::timestamptz`;
  const suspended = await tx
    .update(authenticators)
    .set({ suspendedAt: sql`now()` })
    .where(
      and(
        eq(authenticators.userId, personId),
        gte(authenticators.createdAt, since),
        isNull(authenticators.removedAt),
        isNull(authenticators.suspendedAt),
      ),
    )
    .returning({ id: authenticators.id });
  const codesRevoked = await revokeCodes(tx, personId, since);
  return { suspended: suspended.map(({ id }) => id), codesRevoked };
}

async function revokeCodes(tx: Tx, personId: string, since = sql`'-infinity'::timestamptz`): Promise<number> {
  const revoked = await tx
    .update(recoveryCodes)
    .set({ revokedAt: sql`now()` })
    .where(
      and(
        eq(recoveryCodes.userId, personId),
        isNull(recoveryCodes.usedAt),
        isNull(recoveryCodes.revokedAt),
        gte(recoveryCodes.createdAt, since),
      ),
    )
    .returning({ id: recoveryCodes.id });
  return revoked.length;
}

/**
 * The address from before the reported change, whatever was changed after it: two changes in a row must not outrun
 * the mail about the first. null where the old address is another account's by now.
 */
async function putBackEmail(tx: Tx, person: Owner, changeId: string | undefined): Promise<string | null> {
  const completed = await tx
    .select({ id: emailChanges.id, oldEmail: emailChanges.oldEmail, newEmail: emailChanges.newEmail })
    .from(emailChanges)
    .where(
      and(
        eq(emailChanges.personId, person.id),
        isNull(emailChanges.cancelledAt),
        sql`${emailChanges.completedAt} is not null`,
      ),
    )
    .orderBy(asc(emailChanges.completedAt));
  const first = completed.findIndex(({ id }) => id === changeId);
  const undone = first < 0 ? [] : completed.slice(first);
  const [reported, last] = [undone[0], undone.at(-1)];
  // Nothing was changed yet, or somebody else has set the address right since.
  if (!reported || last?.newEmail !== person.email) return person.email;
  if (await isTaken(tx, reported.oldEmail, person.id)) return null;
  await tx
    .update(people)
    .set({ email: reported.oldEmail, version: sql`${people.version} + 1` })
    .where(eq(people.id, person.id));
  for (const { id } of undone)
    await tx.update(emailChanges).set({ cancelledAt: sql`now()` }).where(eq(emailChanges.id, id));
  return reported.oldEmail;
}
