import { and, desc, eq, inArray, or, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { auditEvents } from "@/db/schema/audit";
import { people } from "@/db/schema/people";
import { sessions } from "@/db/schema/sessions";
import { authenticators } from "@/db/schema/step-up";
import { type ActionName, protectedActions } from "@/lib/protected-actions";
import type { AuthenticatorFact, FactorName } from "@/lib/step-up/facts";
import type { PastDecision } from "./replay";

/** How far back a dry run looks. */
export const replayedDays = 30;
/** And how many decisions at most: the newest ones. */
export const mostDecisions = 100_000;

const isSignIn = eq(auditEvents.action, "session.sign-in");

const proved = (Object.keys(protectedActions) as ActionName[]).filter(
  (name) => protectedActions[name].asks === "proof",
);

/**
 * The decisions of the last 30 days in which somebody confirmed something, or gave it up, and the sign-ins, oldest first.
 */
export async function readDecisions(read: Reader, most: number): Promise<PastDecision[]> {
  const rows = await read
    .select({
      action: auditEvents.action,
      personId: people.id,
      role: people.role,
      sessionId: auditEvents.sessionId,
      atMs: sql<number>`(extract(epoch from ${auditEvents.at}) * 1000)::float8`,
      factor: auditEvents.factor,
      outcome: auditEvents.outcome,
      repeats: auditEvents.repeats,
      deviceHash: sessions.deviceHash,
      trusted: sql<boolean>`coalesce(${auditEvents.detail}->>'trustedDevice' = 'true', false)`,
    })
    .from(auditEvents)
    .innerJoin(people, eq(people.id, auditEvents.actorId))
    .leftJoin(sessions, and(isSignIn, eq(sessions.id, auditEvents.sessionId)))
    .where(
      and(
        inArray(auditEvents.action, [...proved, "session.lock", "session.sign-in"]),
        or(
          inArray(auditEvents.outcome, ["allowed", "cancelled"]),
          and(isSignIn, eq(auditEvents.outcome, "refused")),
        ),
        sql`${auditEvents.at} > now() - make_interval(days => ${replayedDays})`,
      ),
    )
    .orderBy(desc(auditEvents.seq))
    .limit(most);
  return rows.reverse().map(({ action, factor, atMs, outcome, repeats, deviceHash, trusted, ...row }) => ({
    ...row,
    action: action as PastDecision["action"],
    factor: factor as FactorName | null,
    at: new Date(Number(atMs)),
    cancelled: outcome === "cancelled",
    ...(action === "session.sign-in"
      ? { signIn: { refused: outcome === "refused" ? repeats : 0, deviceHash, trusted } }
      : {}),
  }));
}

/** When the log begins: now, where nothing is in it. */
export async function readBeginning(read: Reader): Promise<Date> {
  const [first] = await read
    .select({
      atMs: sql<number>`(extract(epoch from coalesce(min(${auditEvents.at}), now())) * 1000)::float8`,
    })
    .from(auditEvents);
  return new Date(Number(first?.atMs));
}

/** Every authenticator that these people have or had, by person. */
export async function readAuthenticatorsOf(
  read: Reader,
  people: Iterable<string>,
): Promise<Map<string, AuthenticatorFact[]>> {
  const ids = JSON.stringify([...people]);
  const rows = await read
    .select({
      userId: authenticators.userId,
      id: authenticators.id,
      factor: authenticators.factor,
      name: authenticators.name,
      createdAt: authenticators.createdAt,
      probationUntil: authenticators.probationUntil,
      suspendedAt: authenticators.suspendedAt,
      voidSince: authenticators.voidSince,
      removedAt: authenticators.removedAt,
    })
    .from(authenticators)
    // One parameter, however many they are.
    .where(sql`${authenticators.userId} in (select jsonb_array_elements_text(${ids}::jsonb)::uuid)`);
  const all = new Map<string, AuthenticatorFact[]>();
  for (const { userId, ...one } of rows) all.set(userId, [...(all.get(userId) ?? []), one]);
  return all;
}
