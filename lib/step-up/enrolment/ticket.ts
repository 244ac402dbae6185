import { randomBytes } from "node:crypto";
import { and, eq, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { enrolments } from "@/db/schema/step-up";
import { type KeyRing, seal, unseal } from "@/lib/platform/key-ring";
import { onProbation } from "../decide";
import { newSeed } from "../factors/totp/seed";
import type { FactorName, SessionFacts } from "../facts";
import { Invalid } from "../refusal";

export const enrolmentLifetimeSeconds = 600;
export type EnrolledFactor = "totp" | "passkey";

/** A ticket as the ceremonies use it. */
export type Ticket = { id: string; onProbation: boolean; seed: string; webauthnChallenge: Buffer };

/**
 * Opens a ticket for binding one authenticator, after a proof for exactly this (design § 6). `factor` null: either
 * kind. `vouchedBy` is the authenticator that proved it: without one, or by one that is on probation itself, the new
 * one is on probation.
 */
export async function openTicket(
  tx: Tx,
  ring: KeyRing,
  facts: SessionFacts,
  by: { factor: EnrolledFactor | null; openedBy: FactorName; vouchedBy: string | null },
): Promise<Ticket> {
  const seed = newSeed();
  const webauthnChallenge = randomBytes(32);
  const id = crypto.randomUUID();
  const vouching = facts.authenticators.find((one) => one.id === by.vouchedBy);
  const probation = !vouching || onProbation(vouching, facts.now);
  await tx.insert(enrolments).values({
    id,
    userId: facts.userId,
    sessionId: facts.sessionId,
    lockEpoch: facts.lockEpoch,
    factor: by.factor,
    openedBy: by.openedBy,
    onProbation: probation,
    sealedSeed: seal(ring, Buffer.from(seed), additionalData(facts.userId, id)),
    webauthnChallenge: webauthnChallenge.toString("base64url"),
    expiresAt: sql`now() + make_interval(secs => ${enrolmentLifetimeSeconds})`,
  });
  return { id, onProbation: probation, seed, webauthnChallenge };
}

/** Reads a ticket that may still be used by this session for this kind. Throws Invalid in words otherwise. */
export async function requireTicket(
  tx: Tx,
  ring: KeyRing,
  facts: SessionFacts,
  id: string,
  factor: EnrolledFactor,
): Promise<Ticket> {
  const [row] = await tx
    .select()
    .from(enrolments)
    .where(
      and(
        eq(enrolments.id, id),
        eq(enrolments.userId, facts.userId),
        eq(enrolments.sessionId, facts.sessionId),
        eq(enrolments.lockEpoch, facts.lockEpoch),
        isNull(enrolments.completedAt),
        sql`${enrolments.expiresAt} > now()`,
      ),
    )
    .for("update");
  if (!row || (row.factor !== null && row.factor !== factor)) {
    throw new Invalid({}, "This set-up has expired or was finished. Start again.");
  }
  const seed = unseal(ring, row.sealedSeed, additionalData(row.userId, row.id)).toString("utf8");
  return {
    id: row.id,
    onProbation: row.onProbation,
    seed,
    webauthnChallenge: Buffer.from(row.webauthnChallenge, "base64url"),
  };
}

/** Spends a ticket: one authenticator each. */
export async function completeTicket(tx: Tx, ticket: Ticket): Promise<void> {
  await tx.update(enrolments).set({ completedAt: sql`now()` }).where(eq(enrolments.id, ticket.id));
}

function additionalData(userId: string, enrolmentId: string): string {
  return `keyturn enrolment v1:${userId}:${enrolmentId}`;
}
