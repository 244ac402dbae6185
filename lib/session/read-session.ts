import { and, eq, isNull, or, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { people } from "@/db/schema/people";
import { policyVersions } from "@/db/schema/policy";
import { type SignInRisk, sessions } from "@/db/schema/sessions";
import { authenticators, deviceFactors, evidence, recoveryCodes } from "@/db/schema/step-up";
import type { Person } from "@/lib/people/person";
import { policyDocument } from "@/lib/policy/document";
import { countsAsSecondFactor } from "@/lib/policy/usable";
import type { AuthenticatorFact, EvidenceFact, FactorName, SessionFacts } from "@/lib/step-up/facts";
import { isOpenTo } from "./hold";
import { idleSeconds, predecessorSeconds } from "./limits";
import { hashSecretOf } from "./secret";

/** What this app adds to the layer's facts. */
export type CurrentSession = SessionFacts<Person> & {
  awaits: SignInRisk[] | null;
  /** By when this person must set up a second factor; null where their role needs none, or they have one. */
  secondFactorBy: Date | null;
  lastSeenAt: Date;
  /** A successor's cookie that comes back for the first time: the predecessor's 30 s begin. */
  firstOfSuccessor: boolean;
};

export type PresentedCookie = { sessionId: string; secret: string };

/**
 * Prepares the guard's one query: session, person, authenticators, evidence and policy together, so that a revoked
 * session, another role and a new policy act at the next request. Evidence older than a day is never of use.
 * `action`: what the session is read for, null for a page. "held": it is there, and doesn't open this (hold.ts).
 */
export function prepareReadSession(read: Reader, demo: boolean) {
  const query = selectSession(read, demo).prepare("keyturn_session");
  return async (cookie: PresentedCookie, action: string | null): Promise<CurrentSession | "held" | null> => {
    const presentedHash = hashSecretOf(cookie.secret);
    const [row] = await query.execute({ sessionId: cookie.sessionId, presentedHash });
    if (!row) return null;
    const session = factsOf(row, presentedHash);
    return isOpenTo(session, action) ? session : "held";
  };
}

type Row = Awaited<ReturnType<ReturnType<typeof selectSession>["execute"]>>[number];

function selectSession(read: Reader, demo: boolean) {
  const presented = sql.placeholder("presentedHash");
  return read
    .select({
      sessionId: sessions.id,
      userId: people.id,
      name: people.name,
      email: people.email,
      role: people.role,
      teamId: people.teamId,
      secondFactorBy: people.secondFactorBy,
      lockEpoch: sessions.lockEpoch,
      awaits: sessions.awaits,
      predecessorAwaits: sessions.predecessorAwaits,
      secretHash: sessions.secretHash,
      predecessorHash: sessions.predecessorHash,
      successorSeenAt: sessions.successorSeenAt,
      deviceHash: sessions.deviceHash,
      lastSeenAt: sessions.lastSeenAt,
      expiresAt: sessions.expiresAt,
      lastFactor: sql<FactorName | null>`(select ${deviceFactors.lastFactor} from ${deviceFactors}
        where ${deviceFactors.deviceHash} = ${sessions.deviceHash} and ${deviceFactors.userId} = ${people.id})`,
      authenticators: sql<Json<AuthenticatorFact>[] | null>`(select json_agg(json_build_object(
          'id', ${authenticators.id}, 'factor', ${authenticators.factor}, 'name', ${authenticators.name},
          'createdAt', ${authenticators.createdAt}, 'probationUntil', ${authenticators.probationUntil},
          'suspendedAt', ${authenticators.suspendedAt}, 'voidSince', ${authenticators.voidSince},
          'removedAt', ${authenticators.removedAt}))
        from ${authenticators} where ${authenticators.userId} = ${people.id})`,
      evidence: sql<Json<EvidenceFact>[] | null>`(select json_agg(json_build_object(
          'id', ${evidence.id}, 'factor', ${evidence.factor}, 'authenticatorId', ${evidence.authenticatorId},
          'lockEpoch', ${evidence.lockEpoch}, 'provedAt', ${evidence.provedAt}))
        from ${evidence} where ${evidence.sessionId} = ${sessions.id})`,
      recoveryCodesLeft: sql<number>`(select count(*)::int from ${recoveryCodes}
        where ${recoveryCodes.userId} = ${people.id} and ${recoveryCodes.usedAt} is null and ${recoveryCodes.revokedAt} is null)`,
      policy: sql<{
        version: number;
        document: unknown;
      } | null>`(select json_build_object('version', ${policyVersions.version}, 'document', ${policyVersions.document})
        from ${policyVersions} order by ${policyVersions.version} desc limit 1)`,
      nowMs: sql<number>`(extract(epoch from now()) * 1000)::float8`,
    })
    .from(sessions)
    .innerJoin(people, eq(people.id, sessions.personId))
    .where(
      and(
        eq(sessions.id, sql.placeholder("sessionId")),
        or(
          eq(sessions.secretHash, presented),
          and(
            eq(sessions.predecessorHash, presented),
            or(
              isNull(sessions.successorSeenAt),
              sql`${sessions.successorSeenAt} > now() - make_interval(secs => ${sql.raw(String(predecessorSeconds))})`,
            ),
          ),
        ),
        isNull(sessions.endedAt),
        sql`${sessions.expiresAt} > now()`,
        sql`${sessions.lastSeenAt} > now() - make_interval(secs => ${sql.raw(String(idleSeconds))})`,
        isNull(people.disabledAt),
        demo ? undefined : eq(people.isDemo, false),
      ),
    );
}

type Json<T> = {
  [K in keyof T]: T[K] extends Date ? string : T[K] extends Date | null | undefined ? string | null : T[K];
};

function factsOf(row: Row, presentedHash: string): CurrentSession {
  const presented = row.secretHash === presentedHash ? "current" : "predecessor";
  const now = new Date(Number(row.nowMs));
  const authenticators = (row.authenticators ?? []).map((one) => ({
    ...one,
    createdAt: new Date(one.createdAt),
    probationUntil: date(one.probationUntil),
    suspendedAt: date(one.suspendedAt),
    voidSince: date(one.voidSince ?? null),
    removedAt: date(one.removedAt),
  }));
  return {
    sessionId: row.sessionId,
    userId: row.userId,
    account: row.email,
    person: { id: row.userId, name: row.name, email: row.email, role: row.role, teamId: row.teamId },
    lockEpoch: row.lockEpoch,
    presentedHash,
    presented,
    successorSeen: row.successorSeenAt !== null,
    firstOfSuccessor: presented === "current" && row.predecessorHash !== null && row.successorSeenAt === null,
    knownDevice: row.lastFactor !== null,
    deviceHash: row.deviceHash,
    lastFactor: row.lastFactor,
    authenticators,
    // A cookie from before the proof of the sign-in was perhaps copied: it goes on waiting (ASVS v5.0.0-7.2.4).
    awaits: presented === "current" ? row.awaits : row.predecessorAwaits,
    secondFactorBy: hasOne(row, authenticators) ? null : row.secondFactorBy,
    evidence: (row.evidence ?? []).map((one) => ({ ...one, provedAt: new Date(one.provedAt) })),
    recoveryCodesLeft: row.recoveryCodesLeft,
    policyVersion: row.policy?.version ?? 0,
    policy: row.policy?.document ?? {},
    now,
    lastSeenAt: row.lastSeenAt,
    expiresAt: row.expiresAt,
  };
}

/** Whether what was demanded is there, whatever the column says yet. A policy that cannot be read takes nothing for it. */
function hasOne({ secondFactorBy, policy, role }: Row, authenticators: AuthenticatorFact[]): boolean {
  if (secondFactorBy === null) return true;
  const read = policyDocument.safeParse(policy?.document ?? {});
  return read.success && countsAsSecondFactor(read.data, role, authenticators);
}

function date(text: string | null): Date | null {
  return text === null ? null : new Date(text);
}
