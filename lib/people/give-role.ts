import { and, eq, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { people, type Role } from "@/db/schema/people";
import { outdateApprovals } from "@/lib/approvals/outdate";
import { type CustomersLeft, handOverCustomers, readColleague } from "@/lib/customers/hand-over";
import { revokeLinks } from "@/lib/links/links";
import { mailTo } from "@/lib/notices/outbox";
import { demandSecondFactor } from "@/lib/security/deadline/demand";
import { endAllSessions } from "@/lib/session/end-all-sessions";
import { Invalid } from "@/lib/step-up/refusal";
import { mailAdministrators } from "./administrators";
import type { Named } from "./read";
import { type Account, accountChanged } from "./read-subject";
import { roleWords } from "./role-words";

export type NewPlace = {
  role: Role;
  team: Named | null;
  /** Who looks after the customers that are out of their reach then; null: nobody. */
  customersTo: string | null;
  by: { id: string; name: string };
  /** The second one, where it took an approval. */
  approvedBy?: { id: string; name: string };
  /** For the other administrators; empty where none was given. */
  reason: string;
};

/**
 * Gives a person another role or team: their sessions end, customers out of reach are handed over, what they had asked
 * for as an administrator is over, and whoever should know is told. Throws Invalid where the colleague can't take them.
 */
export async function giveRole(
  tx: Tx,
  account: Account,
  place: NewPlace,
): Promise<{ detail: Record<string, unknown> }> {
  const { role, team, by } = place;
  const stops = account.role === "administrator" && role !== "administrator";
  const [given] = await tx
    .update(people)
    .set({
      role,
      teamId: team?.id ?? null,
      ...(stops ? { administeredUntil: sql`now()` } : {}),
      version: sql`${people.version} + 1`,
    })
    .where(and(eq(people.id, account.id), eq(people.version, account.version)))
    .returning({ id: people.id });
  if (!given) throw accountChanged();
  const ended = await endAllSessions(tx, account.id, "role-changed");
  // It was made for the account as it was.
  await revokeLinks(tx, "recovery", account.id);
  const customers = await handOver(tx, account, place);
  const requests = stops ? await outdateApprovals(tx, { askedBy: account.id }, "asker-left", by.id) : 0;
  await demandSecondFactor(tx, account.id);
  await tell(tx, account, place);
  const change = {
    from: account.role,
    to: role,
    fromTeam: account.team?.id ?? null,
    toTeam: team?.id ?? null,
  };
  return { detail: { ...change, ended, customers, customersTo: place.customersTo, approvals: requests } };
}

async function handOver(
  tx: Tx,
  account: Account,
  { role, team, customersTo }: NewPlace,
): Promise<CustomersLeft> {
  const to = customersTo ? await readColleague(tx, customersTo) : null;
  if (customersTo && !to) throw new Invalid({ customersTo: "This colleague can't look after customers." });
  return handOverCustomers(tx, { from: account.id, to, now: { role, teamId: team?.id ?? null } });
}

/** Who administers is everybody's business who does; a team is the person's own. */
async function tell(tx: Tx, account: Account, place: NewPlace): Promise<void> {
  const { role, team, by, approvedBy, reason } = place;
  const becomes = [roleWords[role], team?.name].filter(Boolean).join(", ");
  const approved = approvedBy ? `, and ${approvedBy.name} approved` : "";
  await mailTo(
    tx,
    { personId: account.id, email: account.email },
    {
      kind: "role-changed",
      subject: "Your role in Keyturn was changed",
      body: `${by.name} changed it to: ${becomes}${approved}. You were signed out everywhere; sign in again to go on.`,
    },
  );
  if (role !== "administrator" && account.role !== "administrator") return;
  const is = role === "administrator" ? "is an administrator now" : "is no longer an administrator";
  await mailAdministrators(tx, [account.id], {
    kind: "administrators-changed",
    subject: `${account.name} ${is}`,
    body: `${by.name} changed the role of ${account.name} (${account.email}) to: ${becomes}${approved}.${reason ? ` Reason given: ${reason}` : ""}

If this is not what you expect, talk to ${by.name}.`,
  });
}
