import { and, eq, isNull, type SQL, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { authenticators, evidence, grants } from "@/db/schema/step-up";
import { isInUse } from "./in-use";

declare const grantOf: unique symbol;

/** The permission that a satisfied requirement yields, for one named action. Only the pipeline makes one. */
export type Grant<Name extends string> = { readonly [grantOf]: Name };

export const grantLifetimeSeconds = 60;

/** Thrown where a grant does not allow what is being done: a programming error or a race lost. */
export class GrantRefused extends Error {
  constructor(readonly because: string) {
    super(`The grant was refused: ${because}`);
  }
}

export type GrantBasis =
  | { kind: "signed-in" }
  | { kind: "evidence"; evidenceId: string; maxAgeSeconds: number }
  | { kind: "row"; grantId: string };

type OpenGrant = {
  action: string;
  recordId: string | null;
  basis: GrantBasis;
  /** True in SQL while the session is alive and at the lock epoch of the decision. */
  sessionHolds: SQL<boolean>;
};

/* Which objects are grants is known to this module alone: a cast makes a type, not a grant. */
const open = new WeakMap<object, OpenGrant>();
const consumed = new WeakSet<object>();

/** Makes a grant. Called by the pipeline only (boundaries.test.ts). */
export function openGrant<Name extends string>(grant: OpenGrant & { action: Name }): Grant<Name> {
  const token = Object.freeze({}) as Grant<Name>;
  open.set(token, grant);
  return token;
}

/**
 * Spends a grant inside the change's own transaction: action and record must be those it was given for, the
 * session alive and unlocked since, the proof still fresh. Throws GrantRefused otherwise; works once.
 */
export async function consumeGrant<Name extends string>(
  tx: Tx,
  grant: Grant<Name>,
  // Inferred from the grant alone: else the name of another action would widen it to both.
  name: NoInfer<Name>,
  recordId: string | null,
): Promise<void> {
  const state = open.get(grant);
  if (!state) throw new GrantRefused("it is not a grant, or was used before");
  open.delete(grant);
  if (state.action !== name) throw new GrantRefused(`it was given for ${state.action}, not for ${name}`);
  if (state.recordId !== recordId) throw new GrantRefused("it was given for another record");
  if (!(await holds(tx, state))) throw new GrantRefused("it has ended: locked, signed out, expired or used");
  consumed.add(grant);
}

/** Whether a command consumed the grant that it was handed: the pipeline rolls back when it didn't. */
export function wasConsumed(grant: object): boolean {
  return consumed.has(grant);
}

async function holds(tx: Tx, state: OpenGrant): Promise<boolean> {
  const { basis, sessionHolds } = state;
  if (basis.kind === "row") {
    const spent = await tx
      .update(grants)
      .set({ consumedAt: sql`now()` })
      .where(
        and(
          eq(grants.id, basis.grantId),
          isNull(grants.consumedAt),
          isNull(grants.endedAt),
          sql`${grants.expiresAt} > now()`,
          provedBy(sql`${grants.evidenceId}`),
          sessionHolds,
        ),
      )
      .returning({ id: grants.id });
    return spent.length === 1;
  }
  const fresh =
    basis.kind === "signed-in"
      ? sql`true`
      : provedBy(
          sql`${basis.evidenceId}`,
          sql`${evidence.provedAt} > now() - make_interval(secs => ${basis.maxAgeSeconds})`,
        );
  const [row] = await tx
    .select({ holds: sql<boolean>`(${sessionHolds}) and (${fresh})` })
    .from(sql`(values (1)) as one(x)`);
  return row?.holds === true;
}

/** True in SQL while the authenticator of this evidence, where one gave it, may still answer. */
function provedBy(evidenceId: SQL, condition: SQL = sql`true`): SQL {
  return sql`exists (select 1 from ${evidence} left join ${authenticators} on ${authenticators.id} = ${evidence.authenticatorId}
    where ${evidence.id} = ${evidenceId} and ${condition} and ${isInUse()})`;
}
