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

/** No other session of the person on this browser was there before; a session that is forgotten was on a new one. */
const newDevice = sql<boolean>`not exists (select 1 from ${sessions} own join ${sessions} earlier
  on earlier.person_id = own.person_id and earlier.device_hash = own.device_hash and earlier.created_at < own.created_at
  where own.id = ${auditEvents.sessionId})`;

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
      refused: sql<number>`case when ${auditEvents.outcome} = 'refused' then ${auditEvents.repeats} else 0 end::int`,
      newDevice: sql<boolean>`case when ${isSignIn} then ${newDevice} else false end`,
      trusted: sql<boolean>`coalesce(${auditEvents.detail}->>'trusted' = 'true', false)`,
    })
    .from(auditEvents)
    .innerJoin(people, eq(people.id, auditEvents.actorId))
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
  return rows.reverse().map(({ action, factor, atMs, refused, newDevice, trusted, ...row }) => ({
    ...row,
    action: action as PastDecision["action"],
    factor: factor as FactorName | null,
    at: new Date(Number(atMs)),
    ...(action === "session.sign-in" ? { signIn: { refused, newDevice, trusted } } : {}),
  }));
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
