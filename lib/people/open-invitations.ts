import { and, eq, or, type SQL, sql } from "drizzle-orm";
import type { Reader, Tx } from "@/db/client";
import { links } from "@/db/schema/links";
import { working } from "@/lib/links/links";

/** What becomes of the invitations that somebody sent and that nobody has accepted yet. */
export const invitationFates = ["hand-over", "take-back"] as const;
export type InvitationFate = (typeof invitationFates)[number];

/** How many invitations become somebody else's, and how many open nothing any more. */
export type InvitationsLeft = { handedOver: number; takenBack: number };

/** SQL: open invitations that rest on this person, who sent or approved them. */
function restsOn(personId: string): SQL | undefined {
  const vouched = or(eq(links.createdBy, personId), eq(sql`${links.data}->>'approvedBy'`, personId));
  return and(eq(links.purpose, "invitation"), vouched, working());
}

/** SQL: one that makes an administrator is taken back in either case: it was approved as theirs. */
function goesTo(fate: InvitationFate): SQL {
  return fate === "hand-over" ? sql`(${links.data}->>'role' <> 'administrator')` : sql`false`;
}

/** What would become of this person's open invitations. */
export async function countInvitationsBy(
  read: Reader,
  personId: string,
  fate: InvitationFate,
): Promise<InvitationsLeft> {
  const [row] = await read
    .select({
      handedOver: sql<number>`(count(*) filter (where ${goesTo(fate)}))::int`,
      takenBack: sql<number>`(count(*) filter (where not ${goesTo(fate)}))::int`,
    })
    .from(links)
    .where(restsOn(personId));
  return row ?? { handedOver: 0, takenBack: 0 };
}

/**
 * Whoever is no longer an administrator vouches for nobody: their open invitations become those of who acts, or
 * nobody's.
 */
export async function settleInvitations(
  tx: Tx,
  from: string,
  { to, fate }: { to: string; fate: InvitationFate },
): Promise<InvitationsLeft> {
  const handed = await tx
    .update(links)
    .set({ createdBy: to })
    .where(and(restsOn(from), goesTo(fate)))
    .returning({ id: links.id });
  const taken = await tx
    .update(links)
    .set({ revokedAt: sql`now()` })
    .where(restsOn(from))
    .returning({ id: links.id });
  return { handedOver: handed.length, takenBack: taken.length };
}
