import { type SQL, sql } from "drizzle-orm";
import { people, type Role, roles } from "@/db/schema/people";
import { policyVersions } from "@/db/schema/policy";
import { authenticators } from "@/db/schema/step-up";
import { type AuthenticatorFact, type FactorName, usableAuthenticators } from "@/lib/step-up/facts";
import { isInUse } from "@/lib/step-up/in-use";
import { offByDefault, type PolicyDocument } from "./document";
import { requirementUnder } from "./policy";

/*
 * One answer to "who can confirm with what": what was removed, suspended or made void confirms nothing, and neither does
 * a kind that is switched off.
 */

/** SQL of a row of `authenticators`: something can be confirmed with it, under the policy in force. */
export function isUsable(): SQL {
  return sql`(${isInUse()} and ${isKindOn()})`;
}

/** `isFactorOn` of the newest policy, in SQL: the database reads the policy once a statement, not once a row. */
function isKindOn(): SQL {
  const switches = sql`(select ${policyVersions.document} -> 'factors' from ${policyVersions}
    order by ${policyVersions.version} desc limit 1)`;
  const off = sql.join(
    offByDefault.map((factor) => sql`${factor}`),
    sql`, `,
  );
  return sql`coalesce(${switches} ->> ${authenticators.factor} = 'true', ${authenticators.factor} not in (${off}))`;
}

/** In full: in the fields of a select of one table drizzle leaves out the table's name, and an authenticator has an id. */
const thisPerson = sql.raw("people.id");

/** SQL of a row of `people`: they have what finishes a sign-in of their role under this policy. */
export function hasSecondFactor(policy: PolicyDocument): SQL {
  const accepted = roles.flatMap((role) => {
    return secondFactorsOf(policy, role).map((factor) => sql`(${role}::text, ${factor}::text)`);
  });
  if (accepted.length === 0) return sql`false`;
  return sql`exists (select 1 from ${authenticators} where ${authenticators.userId} = ${thisPerson}
    and ${isInUse()} and (${people.role}, ${authenticators.factor}) in (${sql.join(accepted, sql`, `)}))`;
}

/** The same of one person's authenticators. Pure. */
export function countsAsSecondFactor(
  policy: PolicyDocument,
  role: Role,
  all: readonly AuthenticatorFact[],
): boolean {
  const accepted = secondFactorsOf(policy, role);
  return usableAuthenticators(all).some(({ factor }) => accepted.includes(factor));
}

/** Kinds that this role's sign-in takes for a second factor; none that is switched off is among them. */
function secondFactorsOf(policy: PolicyDocument, role: Role): readonly FactorName[] {
  return requirementUnder(policy, "session.finish-sign-in", { role }).factors;
}
