import { and, desc, eq, inArray, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { auditEvents } from "@/db/schema/audit";
import { people } from "@/db/schema/people";
import { authenticators } from "@/db/schema/step-up";
import { type ActionName, protectedActions } from "@/lib/protected-actions";
import type { AuthenticatorFact, FactorName } from "@/lib/step-up/facts";
import type { PastDecision } from "./replay";

/** How far back a dry run looks. */
export const replayedDays = 30;
/** And how many decisions at most: the newest ones. */
export const mostDecisions = 100_000;

const proved = (Object.keys(protectedActions) as ActionName[]).filter(
  (name) => protectedActions[name].asks === "proof",
);

/** The decisions of the last 30 days in which somebody confirmed something, or gave it up, oldest first. */
export async function readDecisions(read: Reader): Promise<PastDecision[]> {
  const rows = await read
    .select({
      action: auditEvents.action,
      personId: people.id,
      role: people.role,
      sessionId: auditEvents.sessionId,
      atMs: sql<number>`(extract(epoch from ${auditEvents.at}) * 1000)::float8`,
      factor: auditEvents.factor,
    })
    .from(auditEvents)
    .innerJoin(people, eq(people.id, auditEvents.actorId))
    .where(
      and(
        inArray(auditEvents.action, [...proved, "session.lock"]),
        inArray(auditEvents.outcome, ["allowed", "cancelled"]),
        sql`${auditEvents.at} > now() - make_interval(days => ${replayedDays})`,
      ),
    )
    .orderBy(desc(auditEvents.seq))
    .limit(mostDecisions);
  return rows.reverse().map(({ action, factor, atMs, ...row }) => ({
    ...row,
    action: action as PastDecision["action"],
    factor: factor as FactorName | null,
    at: new Date(Number(atMs)),
  }));
}

/** Every authenticator that anybody has or had, by person. */
export async function readAllAuthenticators(read: Reader): Promise<Map<string, AuthenticatorFact[]>> {
  const rows = await read
    .select({
      userId: authenticators.userId,
      id: authenticators.id,
      factor: authenticators.factor,
      name: authenticators.name,
      createdAt: authenticators.createdAt,
      probationUntil: authenticators.probationUntil,
      suspendedAt: authenticators.suspendedAt,
      removedAt: authenticators.removedAt,
    })
    .from(authenticators);
  const all = new Map<string, AuthenticatorFact[]>();
  for (const { userId, ...one } of rows) all.set(userId, [...(all.get(userId) ?? []), one]);
  return all;
}
