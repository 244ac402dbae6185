import { and, inArray, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { sessions } from "@/db/schema/sessions";
import { evidence } from "@/db/schema/step-up";
import { outdateApprovals } from "@/lib/approvals/outdate";
import { mailTo } from "@/lib/notices/outbox";
import { readAdministrators } from "@/lib/people/administrators";
import type { Person } from "@/lib/people/person";
import { demandSecondFactor } from "@/lib/security/deadline/demand";
import type { Difference } from "./compare";

/** A version that was just written, and what is told of it. */
export type Written = {
  /** null: whoever runs the host. */
  by: Pick<Person, "id" | "name" | "email"> | null;
  version: number;
  reason: string;
  /** null: nobody can tell, since the version before can't be read. */
  changes: readonly Difference[] | null;
};

/**
 * What follows a new version: deadlines for whom it demands a second factor of, the end of what was unlocked where it is,
 * or may be, stricter in anything, a mail to who administers, and the end of requests that were based on the one before.
 */
export async function takeEffect(tx: Tx, { by, version, reason, changes }: Written): Promise<void> {
  await demandSecondFactor(tx);
  const who = by ? `${by.name} (${by.email})` : "Whoever runs Keyturn's host";
  const body = `${who} changed Keyturn's policy: version ${version} is in force. Reason given: ${reason}

What it changed is on the Policy page. If this is not what you expect, talk to them.`;
  for (const { id, email } of await readAdministrators(tx))
    await mailTo(
      tx,
      { personId: id, email },
      { kind: "policy-changed", subject: "The policy was changed", body },
    );
  if (!changes || changes.some(({ tightens }) => tightens)) await endElevations(tx);
  // Their words can't be built any more: nobody would see them, and their askers hear too late.
  await outdateApprovals(tx, { about: "policy" }, "impossible", by?.id ?? null);
}

/** No requirement takes a proof that is older. */
const oldestSeconds = 900;

/** Else what a stricter policy stopped would be unlocked again by the next one that takes it back (design § 5). */
async function endElevations(tx: Tx): Promise<void> {
  const unlocked = tx
    .select({ id: evidence.sessionId })
    .from(evidence)
    .where(sql`${evidence.provedAt} > now() - make_interval(secs => ${oldestSeconds})`);
  await tx
    .update(sessions)
    .set({ lockEpoch: sql`${sessions.lockEpoch} + 1` })
    .where(and(isNull(sessions.endedAt), inArray(sessions.id, unlocked)));
}
