import { and, eq, isNull, or, type SQL, sql } from "drizzle-orm";
import type { Database, Tx } from "@/db/client";
import { people } from "@/db/schema/people";
import { sessions } from "@/db/schema/sessions";
import type { SessionFacts } from "@/lib/step-up/facts";
import type { Rotation } from "@/lib/step-up/ports";
import { touchSeconds } from "./limits";
import type { CurrentSession } from "./read-session";
import { hashSecretOf, newSecret } from "./secret";

/**
 * Gives the session a new secret (ASVS v5.0.0-7.2.4). Compare-and-set of the presented one: of two step-ups at once
 * one wins, and null tells the other to set no cookie. A predecessor may rotate only while its successor has never
 * come back: then the answer that carried the new cookie was lost.
 */
export async function rotateSecret(tx: Tx, facts: SessionFacts): Promise<Rotation | null> {
  const secret = newSecret();
  const rotated = await tx
    .update(sessions)
    .set({
      secretHash: hashSecretOf(secret),
      predecessorHash: facts.presentedHash,
      predecessorAwaits: facts.presented === "current" ? sessions.awaits : sessions.predecessorAwaits,
      successorSeenAt: null,
    })
    .where(
      and(
        eq(sessions.id, facts.sessionId),
        isNull(sessions.endedAt),
        or(
          eq(sessions.secretHash, facts.presentedHash),
          and(eq(sessions.predecessorHash, facts.presentedHash), isNull(sessions.successorSeenAt)),
        ),
        facts.presented === "current" ? eq(sessions.secretHash, facts.presentedHash) : undefined,
      ),
    )
    .returning({ id: sessions.id });
  if (rotated.length !== 1) return null;
  // Both times are the database's: a wrong clock of the app's takes nobody's cookie away.
  const maxAgeSeconds = (facts.expiresAt.getTime() - facts.now.getTime()) / 1000;
  return { sessionId: facts.sessionId, secret, maxAgeSeconds };
}

/** Writes the last use (at most once a minute) and the first return of a successor's cookie. */
export async function touch(database: Database, session: CurrentSession): Promise<void> {
  const stale = session.now.getTime() - session.lastSeenAt.getTime() > touchSeconds * 1000;
  if (!stale && !session.firstOfSuccessor) return;
  await database
    .update(sessions)
    .set({
      lastSeenAt: sql`now()`,
      ...(session.firstOfSuccessor
        ? { successorSeenAt: sql`coalesce(${sessions.successorSeenAt}, now())` }
        : {}),
    })
    .where(
      and(
        eq(sessions.id, session.sessionId),
        isNull(sessions.endedAt),
        eq(sessions.secretHash, session.presentedHash),
      ),
    );
}

/** SQL: the session is alive and at the lock epoch of these facts, and its person's account is open. */
export function sessionHolds(facts: SessionFacts): SQL<boolean> {
  return sql<boolean>`exists (select 1 from ${sessions} join ${people} on ${people.id} = ${sessions.personId}
    where ${sessions.id} = ${facts.sessionId} and ${people.disabledAt} is null
    and ${sessions.endedAt} is null and ${sessions.expiresAt} > now() and ${sessions.lockEpoch} = ${facts.lockEpoch})`;
}
