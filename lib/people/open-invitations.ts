import { and, eq, sql } from "drizzle-orm";
import type { Reader, Tx } from "@/db/client";
import { links } from "@/db/schema/links";
import { working } from "@/lib/links/links";

/** What becomes of the invitations that somebody sent and that nobody has accepted yet. */
export const invitationFates = ["hand-over", "take-back"] as const;
export type InvitationFate = (typeof invitationFates)[number];

function sentBy(personId: string) {
  return and(eq(links.purpose, "invitation"), eq(links.createdBy, personId), working());
}

/** How many invitations of this person are open. */
export function countInvitationsBy(read: Reader, personId: string): Promise<number> {
  return read.$count(links, sentBy(personId));
}

/**
 * Whoever is no administrator vouches for nobody: their open invitations become those of who acts, or nobody's. One
 * that makes an administrator is taken back in either case: it was approved as theirs.
 */
export async function settleInvitations(
  tx: Tx,
  from: string,
  { to, fate }: { to: string; fate: InvitationFate },
): Promise<{ handedOver: number; takenBack: number }> {
  const makesNone = sql`${links.data}->>'role' <> 'administrator'`;
  const handed =
    fate === "hand-over"
      ? await tx
          .update(links)
          .set({ createdBy: to })
          .where(and(sentBy(from), makesNone))
          .returning({ id: links.id })
      : [];
  const taken = await tx
    .update(links)
    .set({ revokedAt: sql`now()` })
    .where(sentBy(from))
    .returning({ id: links.id });
  return { handedOver: handed.length, takenBack: taken.length };
}
