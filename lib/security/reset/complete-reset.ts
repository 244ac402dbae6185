import { and, eq, isNull } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/client";
import { people } from "@/db/schema/people";
import { recordUnproved } from "@/lib/audit/record";
import { linkIsOver, readLink, revokeLinks, spendLink } from "@/lib/links/links";
import { noticeTo } from "@/lib/notices/outbox";
import { setPassword } from "@/lib/people/set-password";
import { environment } from "@/lib/platform/env";
import { hashSecret } from "@/lib/platform/password-hash";
import { passwordProblem } from "@/lib/platform/password-rules";
import { definePublicCommand } from "@/lib/public-command";
import { endAllSessions } from "@/lib/session/end-all-sessions";
import { forgetDevices } from "@/lib/session/forget-devices";
import { restoreCodes } from "@/lib/step-up/attempts";
import { Invalid } from "@/lib/step-up/refusal";
import { voidMailCodes } from "@/lib/step-up/void-codes";
import { cancelPending } from "../email/change-email";

/**
 * Sets the password that a mailed link allows. It signs nobody in, ends every session and leaves the second factors
 * as they are (threats.md 19, ASVS v5.0.0-6.4.3). A password that is refused leaves the link unspent.
 */
export const completeReset = definePublicCommand({
  name: "reset.complete",
  input: z.strictObject({ token: z.string().max(128), password: z.string().max(1024) }),
  async run(tx, { token, password }, { address }) {
    const link = await readLink(tx, ["reset-password"], token);
    // The person before the link, as whoever takes their links back locks them: else the two wait for each other.
    const person = link?.personId ? await lockAccount(tx, link.personId) : null;
    if (!person) throw linkIsOver();
    await spendLink(tx, ["reset-password"], token);
    const problem = passwordProblem(password, person);
    if (problem) throw new Invalid({ password: problem });
    await setPassword(tx, person.id, await hashSecret(password));
    // Authenticators before sessions, like a proof at this moment (lib/step-up/verify-proof.ts).
    await voidMailCodes(tx, person.id);
    const ended = await endAllSessions(tx, person.id, "password-changed");
    await forgetDevices(tx, person.id);
    // The mailbox is its owner's, as a link showed: its codes may be typed again where they were off (threats.md 10).
    await restoreCodes(tx, person.id, ["mail"]);
    // What a thief of the old password had begun is over as well.
    await cancelPending(tx, person.id);
    const setUps = await endSetUps(tx, person);
    await noticeTo(
      tx,
      person,
      {
        kind: "password-changed",
        subject: "Your password was reset",
        body: `A new password was chosen by a mailed link. You were signed out everywhere. Your second factors are as they were.${setUps > 0 ? " The link that you were sent to set up a new one is over: ask an administrator to reset them again." : ""}`,
      },
      { did: "password-changed" },
    );
    await recordUnproved(tx, {
      actorId: person.id,
      action: "reset.complete",
      record: { type: "person", id: person.id },
      address,
      detail: { ended },
    });
    return { data: null };
  },
});

/**
 * The link of a reset of factors asks for the password besides, and binds nothing for who reads the mail alone: it ends
 * with a password that was chosen by mail. But where the password was locked, the reset itself mailed a link for a new
 * one, and both administrators confirmed that.
 */
async function endSetUps(tx: Tx, { id, passwordLockedAt }: Locked): Promise<number> {
  return passwordLockedAt === null ? revokeLinks(tx, "set-up-factor", id) : 0;
}

type Locked = NonNullable<Awaited<ReturnType<typeof lockAccount>>>;

/** An open account, locked until the transaction ends. */
async function lockAccount(tx: Tx, id: string) {
  const [person] = await tx
    .select({
      id: people.id,
      email: people.email,
      name: people.name,
      passwordLockedAt: people.passwordLockedAt,
    })
    .from(people)
    .where(
      and(
        eq(people.id, id),
        isNull(people.disabledAt),
        environment().demo ? undefined : eq(people.isDemo, false),
      ),
    )
    .for("update");
  return person ?? null;
}
