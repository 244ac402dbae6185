import { and, eq, inArray, isNotNull, isNull, not, or, type SQL, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { people, type Role, roles } from "@/db/schema/people";
import { hasSecondFactor } from "@/lib/policy/usable";
import { readPolicy } from "@/lib/policy/versions";

/**
 * Makes people's deadlines for a second factor what the policy in force demands: whoever has none that
 * finishes their sign-in, in a role that must have one, gets now + the role's days; whoever needs none (any more) gets none. A deadline moves only
 * forward to an earlier time: saving a policy again postpones nothing. Called by whatever changes the policy, a role or
 * somebody's factors, in its transaction, and by housekeeping for whatever forgot to. `personId`: this one alone.
 */
export async function demandSecondFactor(tx: Tx, personId?: string): Promise<void> {
  const { document } = await readPolicy(tx);
  const { enrolment } = document;
  const demanding = roles.filter((role) => enrolment[role] !== undefined);
  const one = personId === undefined ? undefined : eq(people.id, personId);
  await tx
    .update(people)
    .set({ secondFactorBy: null })
    .where(
      and(one, isNotNull(people.secondFactorBy), or(not(inRoles(demanding)), hasSecondFactor(document))),
    );
  const without = and(one, isNull(people.disabledAt), not(hasSecondFactor(document)));
  for (const role of demanding) await demandOf(tx, role, enrolment[role]?.graceDays ?? 0, without);
}

async function demandOf(tx: Tx, role: Role, graceDays: number, without: SQL | undefined): Promise<void> {
  const by = sql`now() + make_interval(days => ${graceDays})`;
  await tx
    .update(people)
    .set({ secondFactorBy: by })
    .where(
      and(
        without,
        eq(people.role, role),
        or(isNull(people.secondFactorBy), sql`${people.secondFactorBy} > ${by}`),
      ),
    );
}

function inRoles(list: Role[]): SQL {
  return list.length === 0 ? sql`false` : inArray(people.role, list);
}
