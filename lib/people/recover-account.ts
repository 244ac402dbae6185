import { eq, isNull } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { people } from "@/db/schema/people";
import { revokeLinks } from "@/lib/links/links";
import { noticeTo } from "@/lib/notices/outbox";
import { cancelPending } from "@/lib/security/email/change-email";
import { removeAllFactors } from "@/lib/security/remove-all-factors";
import { endAllSessions } from "@/lib/session/end-all-sessions";
import { forgetDevices } from "@/lib/session/forget-devices";
import { takeTurn } from "@/lib/step-up/attempts";
import { Invalid } from "@/lib/step-up/refusal";
import { type Offered, opens } from "./invitation";
import { isTaken } from "./is-taken";
import { setPassword } from "./set-password";
import { type Undone, undoneWords, undoPending } from "./undo-pending";

/**
 * Gives an account to the holder of its recovery link: a new password, and nothing of what could sign in or confirm
 * before; what it had set going as an administrator's is over. The caller has the turns for that (undo-pending.ts).
 * Removed authenticators stay as rows, so that the password alone never binds another one (threats.md 18).
 */
export async function recoverAccount(
  tx: Tx,
  { personId, email, link }: Offered,
  passwordHash: string,
): Promise<{ id: string; undone: Undone }> {
  const id = personId ?? "";
  // One change of factors at a time: an enrolment that runs beside this is seen, or finds its session ended.
  await takeTurn(tx, id);
  const found = await setPassword(tx, id, passwordHash, opens(link) ? undefined : isNull(people.disabledAt));
  if (!found) throw new Invalid({}, "This account is no longer open.");
  if (opens(link)) await open(tx, id, email);
  const undone = await undoPending(tx, id, null);
  await removeAllFactors(tx, id);
  // What somebody else may have begun is over as well.
  await endAllSessions(tx, id, "password-changed");
  await revokeLinks(tx, "recovery", id);
  await cancelPending(tx, id);
  await forgetDevices(tx, id);
  await noticeTo(
    tx,
    { id, email },
    {
      kind: "account-recovered",
      subject: "Your account was recovered",
      body: `With a link that was made on Keyturn's host, your account got a new password. All of its authenticators and recovery codes were removed, and it was signed out everywhere.${undoneWords(undone)}`,
    },
    { did: "password-changed" },
  );
  return { id, undone };
}

/** Opens a disabled account again, under the address at which its owner was found. */
async function open(tx: Tx, id: string, email: string): Promise<void> {
  if (await isTaken(tx, email, id))
    throw new Invalid({}, "Somebody else has an account with this address by now.");
  await tx.update(people).set({ email, disabledAt: null, closedBy: null }).where(eq(people.id, id));
}
