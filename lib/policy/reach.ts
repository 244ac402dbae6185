import { and, eq, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { people, type Role } from "@/db/schema/people";
import { authenticators, recoveryCodes } from "@/db/schema/step-up";
import { comesTo, isWorkOf } from "@/lib/access/work";
import { isOpenAccount, isTrusted } from "@/lib/people/administrators";
import { type ActionName, protectedActions } from "@/lib/protected-actions";
import { type DecisionFacts, decide } from "@/lib/step-up/decide";
import type { AuthenticatorFact } from "@/lib/step-up/facts";
import { withAllFactors } from "./demands";
import type { PolicyDocument } from "./document";
import { requirementUnder } from "./policy";
import { countsAsSecondFactor } from "./usable";

/** People who have the same role and the same means: a policy treats them alike. */
export type Alike = {
  role: Role;
  means: string;
  people: number;
  /** How many of them have not had their password locked: nobody signs in with a locked one. */
  trusted: number;
  /** The first of their names in alphabetical order, as many as were asked for. */
  names: string[];
};

type Kept = {
  factor: AuthenticatorFact["factor"];
  state: "usable" | "on-probation" | "void" | "suspended" | "removed";
};

/** In full: from a select of one table alone drizzle leaves out the table's name, and would compare with another id. */
const thisPerson = sql.raw("people.id");

/** What somebody's means come down to, as one text; the same text, the same decision. */
const meansOf = sql<string>`(select coalesce(jsonb_agg(distinct jsonb_build_object('factor', a.factor,
    'state', case when a.removed_at is not null then 'removed' when a.suspended_at is not null then 'suspended'
      when a.void_since is not null then 'void'
      when a.probation_until > now() then 'on-probation' else 'usable' end)), '[]')
  from ${authenticators} a where a.user_id = ${thisPerson})::text || (exists (select 1 from ${recoveryCodes} c
    where c.user_id = ${thisPerson} and c.used_at is null and c.revoked_at is null))::text`;

/**
 * Everybody with an open account, grouped by what they can confirm with: a few dozen groups, whatever their number.
 * `namesShown`: how many names of each group come along, 0 to 50. `role`: those who have it alone.
 */
export async function readAlike(
  read: Reader,
  { namesShown = 0, role }: { namesShown?: number; role?: Role } = {},
): Promise<Alike[]> {
  const each = read
    .select({
      role: people.role,
      name: people.name,
      means: meansOf.as("means"),
      trusted: sql<boolean>`(${isTrusted()})`.as("trusted"),
    })
    .from(people)
    .where(and(isOpenAccount(), role && eq(people.role, role)))
    .as("each");
  return read
    .select({
      role: each.role,
      means: each.means,
      people: sql<number>`count(*)::int`,
      trusted: sql<number>`(count(*) filter (where ${each.trusted}))::int`,
      names:
        namesShown > 0
          ? sql<
              string[]
            >`to_jsonb((array_agg(${each.name} order by ${each.name}))[1:${sql.raw(String(namesShown))}])`
          : sql<string[]>`'[]'::jsonb`,
    })
    .from(each)
    .groupBy(each.role, each.means);
}

/** Whether people of this group can confirm an action, after a prompt at most. A sign-in that asks nothing needs none. */
export function canConfirm(
  policy: PolicyDocument,
  { role, means }: Pick<Alike, "role" | "means">,
  name: ActionName,
) {
  if (name === "session.finish-sign-in" && policy.signIn === "never") return true;
  const { outcome } = decide(requirementUnder(policy, name, { role }), factsOf(means));
  return outcome === "satisfied" || outcome === "step-up";
}

export type Reach = { action: ActionName; people: number; able: number };

/** Of each action: how many come to it, and how many of them could confirm it now. */
export function reachOf(policy: PolicyDocument, groups: readonly Alike[]): Reach[] {
  return (Object.keys(protectedActions) as ActionName[]).flatMap((action) => {
    const concerned = groups.filter((group) => isConcerned(group, action));
    const able = concerned.filter((group) => canConfirm(policy, group, action));
    return concerned.length > 0 ? [{ action, people: count(concerned), able: count(able) }] : [];
  });
}

const floors: PolicyDocument = withAllFactors({ actions: {}, factors: {}, signIn: "always", enrolment: {} });

/** Whose work it is; and of one's own account whoever could do it under no policy at all: a first factor is set up once. */
function isConcerned(group: Alike, action: ActionName): boolean {
  return isWorkOf(group.role, action) || (comesTo(group.role, action) && canConfirm(floors, group, action));
}

/**
 * Of people without what finishes their sign-in, which is what an enrolment demands: whom a policy stops at once, and
 * whom it gives a deadline.
 */
export type Demanded = { atOnce: number; byDeadline: number };

/** Those whom `after` gives less time than `before` did. */
export function demandedBy(
  before: PolicyDocument,
  after: PolicyDocument,
  groups: readonly Alike[],
): Demanded {
  const hit = groups.filter((group) => {
    const [had, has] = [before, after].map(({ enrolment }) => enrolment[group.role]?.graceDays);
    if (has === undefined || haveSecondFactor(after, group)) return false;
    return had === undefined || has < had || haveSecondFactor(before, group);
  });
  const atOnce = hit.filter(({ role }) => after.enrolment[role]?.graceDays === 0);
  return { atOnce: count(atOnce), byDeadline: count(hit) - count(atOnce) };
}

/** Whether people of this group have what an enrolment demands of them. */
export function haveSecondFactor(policy: PolicyDocument, { role, means }: Alike): boolean {
  return countsAsSecondFactor(policy, role, factsOf(means).authenticators);
}

/** The groups that would be left without a way to confirm something of their work, or to set up another factor. */
export function leftBehind(before: PolicyDocument, after: PolicyDocument, groups: readonly Alike[]): Alike[] {
  const needed = (role: Role) =>
    (Object.keys(protectedActions) as ActionName[]).filter(
      (name) => isWorkOf(role, name) || name === "security.enrol-factor",
    );
  return groups.filter((group) =>
    needed(group.role).some((name) => canConfirm(before, group, name) && !canConfirm(after, group, name)),
  );
}

function count(groups: readonly Alike[]): number {
  return groups.reduce((sum, { people }) => sum + people, 0);
}

/** Means as `decide` sees them: nothing proved yet. */
function factsOf(means: string): DecisionFacts {
  const end = means.lastIndexOf("]") + 1;
  const kept = JSON.parse(means.slice(0, end)) as Kept[];
  const now = new Date(0);
  const at = (is: boolean) => (is ? now : null);
  return {
    authenticators: kept.map(({ factor, state }, index) => ({
      id: String(index),
      factor,
      name: factor,
      createdAt: now,
      probationUntil: state === "on-probation" ? new Date(1) : null,
      suspendedAt: at(state === "suspended"),
      voidSince: at(state === "void"),
      removedAt: at(state === "removed"),
    })),
    evidence: [],
    recoveryCodesLeft: means.slice(end) === "true" ? 1 : 0,
    lockEpoch: 0,
    presented: "current",
    now,
  };
}
