import { and, eq, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { people } from "@/db/schema/people";
import { mailTo } from "@/lib/notices/outbox";
import { demandSecondFactor } from "@/lib/security/deadline/demand";
import { mailAdministrators } from "./administrators";
import { type Account, accountChanged } from "./read-subject";

type By = { id: string; name: string };

/** `approvedBy`: the second administrator, where it took one. */
type Opening = { by: By; approvedBy?: By };

/**
 * Opens a disabled account again, as it was, and tells its owner; the administrators too, where it is one of theirs.
 * Throws Invalid where the account is no longer as it was seen.
 */
export async function openAccount(tx: Tx, account: Account, { by, approvedBy }: Opening): Promise<void> {
  const [opened] = await tx
    .update(people)
    .set({ disabledAt: null, closedBy: null, version: sql`${people.version} + 1` })
    .where(and(eq(people.id, account.id), eq(people.version, account.version)))
    .returning({ id: people.id });
  if (!opened) throw accountChanged();
  await demandSecondFactor(tx, account.id);
  const who = `${by.name} enabled it${approvedBy ? `, and ${approvedBy.name} approved` : ""}`;
  await mailTo(
    tx,
    { personId: account.id, email: account.email },
    {
      kind: "account-enabled",
      subject: "Your Keyturn account is open again",
      body: `${who}. ${account.passwordLocked ? "Your password is locked: choose a new one with “Forgot password?”. Your second factors" : "Your password and second factors"} are as they were.`,
    },
  );
  if (account.role !== "administrator") return;
  await mailAdministrators(tx, [account.id], {
    kind: "administrators-changed",
    subject: `The account of ${account.name} is open again`,
    body: `${account.name} (${account.email}) is an administrator whose account was disabled. ${who}. If this is not what you expect, talk to ${by.name}.`,
  });
}
