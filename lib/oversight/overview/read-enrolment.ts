import { and, asc, count, eq, isNotNull, not, type SQL, sql } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { people, type Role } from "@/db/schema/people";
import { authenticators } from "@/db/schema/step-up";
import { isOpenAccount } from "@/lib/people/administrators";
import type { Person } from "@/lib/people/person";
import { hasSecondFactor, isUsable } from "@/lib/policy/usable";
import { readPolicy } from "@/lib/policy/versions";
import { forAudit } from "../matches-filter";

/** The strongest that somebody can confirm with now; `code`: one that is sent to them. */
export const strengths = ["passkey", "totp", "code", "none"] as const;
export type Strength = (typeof strengths)[number];

export type RoleStrengths = { role: Role; people: Record<Strength, number> };

/** Open accounts by role and by their strongest factor. One query. */
export async function readStrengths(read: Reader, reader: Person): Promise<RoleStrengths[]> {
  const best = bestOf(read);
  const rows = await read
    .select({
      role: people.role,
      rank: sql<number>`coalesce(${best.rank}, 0)`.as("strength"),
      number: count(),
    })
    .from(people)
    .leftJoin(best, eq(best.userId, people.id))
    .where(and(forAudit(reader), isOpenAccount()))
    .groupBy(people.role, sql`strength`);
  const roles = [...new Set(rows.map(({ role }) => role))].toSorted();
  return roles.map((role) => {
    const number = (strength: Strength) =>
      rows.find((row) => row.role === role && Number(row.rank) === ranks[strength])?.number ?? 0;
    return {
      role,
      people: {
        passkey: number("passkey"),
        totp: number("totp"),
        code: number("code"),
        none: number("none"),
      },
    };
  });
}

export type DeadlineBucket = "overdue" | "week" | "month" | "later";

export type Due = { id: string; name: string; email: string; role: Role; by: Date };

export type Deadlines = {
  counts: Record<DeadlineBucket, number>;
  /** Whose deadline passed longest ago, and whose comes first, up to `mostListed` of each. */
  overdue: Due[];
  upcoming: Due[];
};

export const mostListed = 25;

/** Who has to have a second factor by a day and has none yet. Four queries. */
export async function readDeadlines(read: Reader, reader: Person): Promise<Deadlines> {
  const { document } = await readPolicy(read);
  const bucket = sql<DeadlineBucket>`case when ${people.secondFactorBy} < now() then 'overdue'
    when ${people.secondFactorBy} < now() + interval '7 days' then 'week'
    when ${people.secondFactorBy} < now() + interval '30 days' then 'month' else 'later' end`;
  const waiting = and(
    forAudit(reader),
    isOpenAccount(),
    isNotNull(people.secondFactorBy),
    not(hasSecondFactor(document)),
  );
  const counted = await read
    .select({ bucket: bucket.as("bucket"), number: count() })
    .from(people)
    .where(waiting)
    .groupBy(sql`bucket`);
  // What has passed can't push out what is still to come: each has a list of its own.
  const listed = (isOn: SQL) =>
    read
      .select({
        id: people.id,
        name: people.name,
        email: people.email,
        role: people.role,
        by: sql<Date>`${people.secondFactorBy}`.mapWith(people.secondFactorBy),
      })
      .from(people)
      .where(and(waiting, isOn))
      .orderBy(asc(people.secondFactorBy), asc(people.id))
      .limit(mostListed);
  const number = (name: DeadlineBucket) => counted.find((row) => row.bucket === name)?.number ?? 0;
  return {
    counts: {
      overdue: number("overdue"),
      week: number("week"),
      month: number("month"),
      later: number("later"),
    },
    overdue: await listed(sql`${people.secondFactorBy} < now()`),
    upcoming: await listed(sql`${people.secondFactorBy} >= now()`),
  };
}

const ranks: Record<Strength, number> = { passkey: 3, totp: 2, code: 1, none: 0 };

/** Of each person who can confirm with something now, how strong the strongest is. */
function bestOf(read: Reader) {
  const rank = sql<number>`max(case ${authenticators.factor} when 'passkey' then 3 when 'totp' then 2 else 1 end)`;
  return read
    .select({ userId: authenticators.userId, rank: rank.as("rank") })
    .from(authenticators)
    .where(isUsable())
    .groupBy(authenticators.userId)
    .as("best");
}
