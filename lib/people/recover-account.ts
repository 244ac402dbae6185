import { isNull } from "drizzle-orm";
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
import type { Offered } from "./invitation";
import { setPassword } from "./set-password";

/**
 * Gives an account to the holder of its recovery link: a new password, and nothing of what could sign in or confirm
 * before. Removed authenticators stay as rows, so that the password alone never binds another one (threats.md 18).
 */
export async function recoverAccount(
  tx: Tx,
  { personId, email }: Offered,
  passwordHash: string,
): Promise<string> {
  const id = personId ?? "";
  // One change of factors at a time: an enrolment that runs beside this is seen, or finds its session ended.
  await takeTurn(tx, id);
  const open = await setPassword(tx, id, passwordHash, isNull(people.disabledAt));
  if (!open) throw new Invalid({}, "This account is not open any more.");
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
      body: "With a link that was made on Keyturn's host, your account got a new password. All of its authenticators and recovery codes were removed, and it was signed out everywhere.",
    },
    { did: "password-changed" },
  );
  return id;
}
