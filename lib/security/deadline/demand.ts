import { and, eq, inArray, isNotNull, isNull, not, or, type SQL, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { people, type Role, roles } from "@/db/schema/people";
import { authenticators } from "@/db/schema/step-up";
import { readPolicy } from "@/lib/policy/versions";

/**
 * Makes people's deadlines for a second factor what the policy in force demands: whoever has none that works, in a role
 * that must have one, gets now + the role's days; whoever needs none (any more) gets none. A deadline moves only
 * forward to an earlier time: saving a policy again postpones nothing. Called by whatever changes the policy, a role or
 * somebody's factors, in its transaction, and by housekeeping for whatever forgot to. `personId`: this one alone.
 */
export async function demandSecondFactor(tx: Tx, personId?: string): Promise<void> {
  const { enrolment } = (await readPolicy(tx)).document;
  const demanding = roles.filter((role) => enrolment[role] !== undefined);
  const one = personId === undefined ? undefined : eq(people.id, personId);
  await tx
    .update(people)
    .set({ secondFactorBy: null })
    .where(and(one, isNotNull(people.secondFactorBy), or(not(inRoles(demanding)), canConfirm())));
  for (const role of demanding) await demandOf(tx, role, enrolment[role]?.graceDays ?? 0, one);
}

async function demandOf(tx: Tx, role: Role, graceDays: number, one: SQL | undefined): Promise<void> {
  const by = sql`now() + make_interval(days => ${graceDays})`;
  await tx
    .update(people)
    .set({ secondFactorBy: by })
    .where(
      and(
        one,
        eq(people.role, role),
        isNull(people.disabledAt),
        not(canConfirm()),
        or(isNull(people.secondFactorBy), sql`${people.secondFactorBy} > ${by}`),
      ),
    );
}

/** A second factor was set up: what demanded it is fulfilled. */
export async function fulfilDemand(tx: Tx, personId: string): Promise<void> {
  await tx.update(people).set({ secondFactorBy: null }).where(eq(people.id, personId));
}

function inRoles(list: Role[]): SQL {
  return list.length === 0 ? sql`false` : inArray(people.role, list);
}

/** True in SQL of a person who has an authenticator that is neither removed nor suspended. */
function canConfirm(): SQL {
  return sql`exists (select 1 from ${authenticators} where ${authenticators.userId} = ${people.id}
    and ${authenticators.removedAt} is null and ${authenticators.suspendedAt} is null)`;
}
