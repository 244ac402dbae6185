import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/client";
import { emailChanges } from "@/db/schema/links";
import { people } from "@/db/schema/people";
import { authenticators } from "@/db/schema/step-up";
import { recordUnproved } from "@/lib/audit/record";
import { linkIsOver, readLink, revokeLinks, spendLink } from "@/lib/links/links";
import { noticeTo } from "@/lib/notices/outbox";
import { isTaken } from "@/lib/people/is-taken";
import { definePublicCommand } from "@/lib/public-command";
import { Invalid } from "@/lib/step-up/refusal";
import { lockAllSessions } from "../lock-all";
import { takeAway } from "../remove-factor";

const side = z.object({ changeId: z.uuid(), side: z.enum(["old", "new"]) });

/** One of the two addresses confirms; with the second, the change is made. */
export const confirmEmail = definePublicCommand({
  name: "link.confirm-email",
  input: z.strictObject({ token: z.string().max(128) }),
  async run(tx, { token }, { address }) {
    const link = await readLink(tx, ["confirm-email"], token);
    if (!link?.personId) throw linkIsOver();
    // The person before the link, as whoever gives the change up locks them: else the two wait for each other.
    await tx.select({ id: people.id }).from(people).where(eq(people.id, link.personId)).for("update");
    await spendLink(tx, ["confirm-email"], token);
    const from = side.parse(link.data);
    const change = await markConfirmed(tx, from);
    if (!change) throw new Invalid({}, "This change was given up or has expired. Ask for it again.");
    const done = change.confirmedAtOld !== null && change.confirmedAtNew !== null;
    if (done) await make(tx, change);
    await recordUnproved(tx, {
      actorId: change.personId,
      action: "link.confirm-email",
      record: { type: "person", id: change.personId },
      address,
      detail: { side: from.side, from: change.oldEmail, to: change.newEmail, done },
    });
    return {
      data: {
        done,
        email: change.newEmail,
        waitingFor: from.side === "old" ? ("new" as const) : ("old" as const),
      },
    };
  },
});

type Change = typeof emailChanges.$inferSelect;

async function markConfirmed(tx: Tx, from: z.infer<typeof side>): Promise<Change | undefined> {
  const now = sql`now()`;
  const [change] = await tx
    .update(emailChanges)
    .set(from.side === "old" ? { confirmedAtOld: now } : { confirmedAtNew: now })
    .where(
      and(
        eq(emailChanges.id, from.changeId),
        isNull(emailChanges.completedAt),
        isNull(emailChanges.cancelledAt),
        sql`${emailChanges.expiresAt} > now()`,
      ),
    )
    .returning();
  return change;
}

/** They went to the old address, which somebody else may read from now on. */
async function removeMailCodes(tx: Tx, person: { id: string; email: string }): Promise<void> {
  const own = await tx
    .select({ id: authenticators.id, name: authenticators.name, factor: authenticators.factor })
    .from(authenticators)
    .where(
      and(
        eq(authenticators.userId, person.id),
        eq(authenticators.factor, "email-code"),
        isNull(authenticators.removedAt),
      ),
    );
  for (const one of own) await takeAway(tx, person, one);
}

/** Mailed resets to the old address die with it; both addresses are told. */
async function make(tx: Tx, { id, personId, oldEmail, newEmail }: Change): Promise<void> {
  if (await isTaken(tx, newEmail, personId)) throw new Invalid({}, "This address can't be used.");
  await tx
    .update(people)
    .set({ email: newEmail, version: sql`${people.version} + 1` })
    .where(and(eq(people.id, personId), eq(people.email, oldEmail)));
  await tx.update(emailChanges).set({ completedAt: sql`now()` }).where(eq(emailChanges.id, id));
  await revokeLinks(tx, "reset-password", personId);
  await lockAllSessions(tx, personId);
  await removeMailCodes(tx, { id: personId, email: newEmail });
  for (const email of [oldEmail, newEmail]) {
    await noticeTo(
      tx,
      { id: personId, email },
      {
        kind: "email-changed",
        subject: "Your email address was changed",
        body: `Your Keyturn account uses ${newEmail} now, and no longer ${oldEmail}.`,
      },
      { did: "email-changed", emailChangeId: id },
    );
  }
}
