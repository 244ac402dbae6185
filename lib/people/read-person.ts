import { and, desc, eq, gt, isNull, ne, or, sql } from "drizzle-orm";
import { z } from "zod";
import type { Reader } from "@/db/client";
import { helpRequests } from "@/db/schema/help-requests";
import { people, teams } from "@/db/schema/people";
import { sessions, trustedDevices } from "@/db/schema/sessions";
import { authenticators, recoveryCodes } from "@/db/schema/step-up";
import { mayAdminister } from "@/lib/access/access";
import { readRequestsOf } from "@/lib/approvals/requests-of";
import { canLookAfterCustomers, countLeaving } from "@/lib/customers/hand-over";
import { hasSecondFactor } from "@/lib/policy/usable";
import { readPolicy } from "@/lib/policy/versions";
import { deviceName } from "@/lib/security/device-name";
import { idleSeconds } from "@/lib/session/limits";
import { isTrusting } from "@/lib/session/trusted-devices";
import type { EnrolledFactor } from "@/lib/step-up/facts";
import { countInvitationsBy } from "./open-invitations";
import type { Person } from "./person";
import type { Named } from "./read";
import { type Account, readAccount } from "./read-subject";

export type PersonSession = { id: string; device: string; address: string; lastSeenAt: Date };
export type PersonFactor = {
  id: string;
  name: string;
  factor: EnrolledFactor;
  createdAt: Date;
  lastUsedAt: Date | null;
  suspended: boolean;
  probationUntil: Date | null;
};
export type PersonRequest = { id: string; action: string; createdAt: Date };

/** A person as administrators see them: what they have, where they are signed in, what depends on them. */
export type PersonDetails = Account & {
  closedByOwner: boolean;
  createdAt: Date;
  /** When a session of theirs was last used, ended ones too. */
  lastSeenAt: Date | null;
  /** Until when they must have a second factor; null: nothing demands one, or they have it. */
  secondFactorBy: Date | null;
  /** Where their sign-in asks for no second factor, by their own choice. */
  trustedDevices: number;
  factors: PersonFactor[];
  recoveryCodesLeft: number;
  sessions: PersonSession[];
  requests: PersonRequest[];
  /** Customers that they look after, and invitations of theirs that nobody accepted yet. */
  customers: number;
  invitations: number;
  /** What they asked other administrators to approve, in words. */
  askedFor: string[];
  /** Who could look after their customers, of their team first. */
  colleagues: Named[];
};

/** More names than these nobody looks through: those of the person's own team come first. */
const mostColleagues = 200;

/** One person by their id; null where there is none, or the reader is no administrator. */
export async function readPerson(read: Reader, reader: Person, id: string): Promise<PersonDetails | null> {
  if (!mayAdminister(reader) || !z.guid().safeParse(id).success) return null;
  const account = await readAccount(read, id);
  if (!account) return null;
  const { document } = await readPolicy(read);
  const [[own], factors, [codes], living, requests, customers, invitations, askedFor, colleagues] =
    await Promise.all([
      read
        .select({
          createdAt: people.createdAt,
          secondFactorBy: people.secondFactorBy,
          secured: hasSecondFactor(document).mapWith(Boolean),
          // By the id itself: in the fields of a select of one table drizzle leaves out the tables' names.
          lastSeenAt: sql<Date | null>`(select max(${sessions.lastSeenAt}) from ${sessions}
            where ${sessions.personId} = ${id})`.mapWith(sessions.lastSeenAt),
          trustedDevices: sql<number>`(select count(*)::int from ${trustedDevices}
            where ${trustedDevices.personId} = ${id} and ${isTrusting()})`,
        })
        .from(people)
        .where(eq(people.id, id)),
      readFactors(read, id),
      read
        .select({ left: sql<number>`count(*)::int` })
        .from(recoveryCodes)
        .where(
          and(eq(recoveryCodes.userId, id), isNull(recoveryCodes.usedAt), isNull(recoveryCodes.revokedAt)),
        ),
      readSessions(read, id),
      readRequests(read, id),
      countLeaving(read, id, null, null),
      countInvitationsBy(read, id, "take-back"),
      account.role === "administrator" ? readRequestsOf(read, id) : [],
      readColleagues(read, account),
    ]);
  return {
    ...account,
    closedByOwner: account.closedBy === "owner",
    createdAt: own?.createdAt ?? new Date(0),
    lastSeenAt: own?.lastSeenAt ?? null,
    secondFactorBy: own && !own.secured ? own.secondFactorBy : null,
    trustedDevices: own?.trustedDevices ?? 0,
    factors,
    recoveryCodesLeft: codes?.left ?? 0,
    sessions: living,
    requests,
    customers: customers.toNobody,
    invitations: invitations.takenBack,
    askedFor,
    colleagues,
  };
}

function readFactors(read: Reader, id: string): Promise<PersonFactor[]> {
  return read
    .select({
      id: authenticators.id,
      name: authenticators.name,
      factor: authenticators.factor,
      createdAt: authenticators.createdAt,
      lastUsedAt: authenticators.lastUsedAt,
      suspended: sql<boolean>`${authenticators.suspendedAt} is not null`,
      probationUntil:
        sql<Date | null>`case when ${authenticators.probationUntil} > now() then ${authenticators.probationUntil} end`.mapWith(
          authenticators.probationUntil,
        ),
    })
    .from(authenticators)
    .where(and(eq(authenticators.userId, id), isNull(authenticators.removedAt)))
    .orderBy(authenticators.createdAt);
}

/** Those that a cookie could go on with now. */
async function readSessions(read: Reader, id: string): Promise<PersonSession[]> {
  const rows = await read
    .select({
      id: sessions.id,
      userAgent: sessions.userAgent,
      address: sessions.address,
      lastSeenAt: sessions.lastSeenAt,
    })
    .from(sessions)
    .where(
      and(
        eq(sessions.personId, id),
        isNull(sessions.endedAt),
        gt(sessions.expiresAt, sql`now()`),
        sql`${sessions.lastSeenAt} > now() - make_interval(secs => ${idleSeconds})`,
      ),
    )
    .orderBy(desc(sessions.lastSeenAt));
  return rows.map(({ userAgent, ...row }) => ({ ...row, device: deviceName(userAgent) }));
}

function readRequests(read: Reader, id: string): Promise<PersonRequest[]> {
  return read
    .select({ id: helpRequests.id, action: helpRequests.action, createdAt: helpRequests.createdAt })
    .from(helpRequests)
    .where(and(eq(helpRequests.personId, id), isNull(helpRequests.resolvedAt)))
    .orderBy(helpRequests.createdAt);
}

function readColleagues(read: Reader, { id, team }: Account): Promise<Named[]> {
  return read
    .select({
      id: people.id,
      name: sql<string>`${people.name} || case when ${teams.name} is null then '' else ' (' || ${teams.name} || ')' end`,
    })
    .from(people)
    .leftJoin(teams, eq(teams.id, people.teamId))
    .where(
      and(
        ne(people.id, id),
        canLookAfterCustomers(),
        team ? or(eq(people.role, "manager"), eq(people.teamId, team.id)) : undefined,
      ),
    )
    .orderBy(
      ...(team ? [desc(sql`coalesce(${people.teamId} = ${team.id}, false)`)] : []),
      sql`keyturn_fold(${people.name}) collate "C"`,
      people.id,
    )
    .limit(mostColleagues);
}
