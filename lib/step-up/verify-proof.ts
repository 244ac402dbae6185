import { randomBytes } from "node:crypto";
import { sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { authenticators, deviceFactors, evidence, grants, type Signed } from "@/db/schema/step-up";
import { type AttemptDecision, countAttempt, forgiveAttempts, restoreCodes } from "./attempts";
import { type ChallengeToken, factsOfToken, spendNonce } from "./challenge";
import type { Factor, Verdict } from "./factors/factor";
import { type AuthenticatorFact, type FactorName, type SessionFacts, sentCodeFactors } from "./facts";
import { grantLifetimeSeconds } from "./grant";
import type { Ports, Rotation } from "./ports";
import { restoreMailCodes } from "./void-codes";

export type Proof = {
  token: ChallengeToken;
  factor: FactorName;
  answer: unknown;
  answering: AuthenticatorFact[];
};

export type ProofOutcome =
  | { kind: "answered-before" }
  | { kind: "limited"; retryAfterSeconds: number | null }
  | { kind: "rejected"; verdict: Extract<Verdict, { accepted: false }>; triesLeft: number | null }
  | {
      kind: "accepted";
      grantId: string;
      evidenceId: string;
      authenticatorId: string | null;
      signed: Signed | null;
      rotation: Rotation | null;
    };

/**
 * The first transaction: spend the nonce, count the try, verify, and only then evidence, grant and a new session
 * secret. It commits whatever the verdict, so that a failed try stays counted and a spent code stays spent even
 * when the change that follows is rolled back (threats.md 8–10).
 */
export async function verifyProof<Person>(
  ports: Ports<Person>,
  facts: SessionFacts<Person>,
  proof: Proof,
): Promise<ProofOutcome> {
  const { database } = await ports.database();
  return database.transaction(async (tx) => {
    if (!(await spendNonce(tx, proof.token))) return { kind: "answered-before" };
    const factor = ports.factors.get(proof.factor);
    const counted = factor.budget ? await countAttempt(tx, facts, factor.budget) : null;
    if (counted && !counted.allowed) return refuse(ports, tx, facts, proof, counted);
    const verdict = await verdictOf(tx, factor, facts, proof);
    if (!verdict.accepted) {
      await audit(ports, tx, facts, proof, {
        reason: verdict.reason,
        ...(verdict.audit ? { note: verdict.audit } : {}),
        ...(verdict.broken ? { reference: tellOperator(ports, proof, verdict) } : {}),
      });
      return { kind: "rejected", verdict, triesLeft: counted?.allowed ? counted.left : null };
    }
    return accept(ports, tx, facts, proof, factor, verdict);
  });
}

/** Nothing that the person can mend: a line of the diagnostic log, under the reference that the audit row names. */
function tellOperator<Person>(
  ports: Ports<Person>,
  proof: Proof,
  verdict: Extract<Verdict, { accepted: false }>,
): string {
  const reference = randomBytes(5).toString("hex");
  ports.onFailure(reference, proof.token.action, new Error(`${proof.factor}: ${verdict.audit}`));
  return reference;
}

async function refuse<Person>(
  ports: Ports<Person>,
  tx: Tx,
  facts: SessionFacts<Person>,
  proof: Proof,
  counted: Extract<AttemptDecision, { allowed: false }>,
): Promise<ProofOutcome> {
  await audit(ports, tx, facts, proof, { reason: "too-many-tries" });
  return { kind: "limited", retryAfterSeconds: counted.retryAfterSeconds };
}

/** A factor that throws anyway is a refusal, rolled back to the savepoint; the counted try stays. */
async function verdictOf<Person>(
  tx: Tx,
  factor: Factor,
  facts: SessionFacts<Person>,
  proof: Proof,
): Promise<Verdict> {
  const subject = {
    userId: facts.userId,
    sessionId: facts.sessionId,
    authenticators: proof.answering.filter((one) => one.factor === proof.factor),
    now: facts.now,
  };
  try {
    return await tx.transaction((inner) =>
      factor.verify(inner, subject, factsOfToken(proof.token), proof.answer),
    );
  } catch (error) {
    const audit = error instanceof Error ? error.name : "error";
    return { accepted: false, reason: "unavailable", audit, broken: true };
  }
}

async function accept<Person>(
  ports: Ports<Person>,
  tx: Tx,
  facts: SessionFacts<Person>,
  proof: Proof,
  factor: Factor,
  verdict: Extract<Verdict, { accepted: true }>,
): Promise<ProofOutcome> {
  const { token } = proof;
  if (factor.budget) await forgiveAttempts(tx, facts, factor.budget);
  if (proof.factor === "passkey" || proof.factor === "recovery-code") await restoreCodes(tx, facts.userId);
  await restoreMailCodes(tx, facts.userId, proof.factor);
  const signed = verdict.signed ?? null;
  const common = {
    userId: facts.userId,
    sessionId: facts.sessionId,
    lockEpoch: facts.lockEpoch,
    action: token.action,
    digest: token.digest,
  };
  const [proved] = await tx
    .insert(evidence)
    .values({ ...common, factor: proof.factor, authenticatorId: verdict.authenticatorId, signed })
    .returning({ id: evidence.id });
  if (!proved) throw new Error("evidence was not written");
  const [grant] = await tx
    .insert(grants)
    .values({
      ...common,
      recordId: token.recordId,
      evidenceId: proved.id,
      expiresAt: sql`now() + make_interval(secs => ${grantLifetimeSeconds})`,
    })
    .returning({ id: grants.id });
  if (!grant) throw new Error("grant was not written");
  // Authenticators, then the session, then its device: in this order, like whatever changes factors or ends sessions.
  if (verdict.authenticatorId) await noteUse(tx, verdict.authenticatorId);
  const rotation = await ports.session.rotate(tx, facts);
  // Who lost the rotation has no hold on the session's row; the one who won marks the device.
  if (rotation) await rememberDevice(ports, tx, facts, proof.factor);
  return {
    kind: "accepted",
    grantId: grant.id,
    evidenceId: proved.id,
    authenticatorId: verdict.authenticatorId,
    signed,
    rotation,
  };
}

async function noteUse(tx: Tx, authenticatorId: string): Promise<void> {
  await tx
    .update(authenticators)
    .set({ lastUsedAt: sql`now()` })
    .where(sql`${authenticators.id} = ${authenticatorId}`);
}

/**
 * The next prompt offers this factor first on this device, and the device is no stranger to guesses any more. A code that
 * was sent makes it none that sign-in knows: whoever reads a mailbox for a moment would have that for a month. What
 * locked or ended the session since it was read has made the device a stranger's: the rotation waited for it, and
 * nothing is remembered.
 */
async function rememberDevice<Person>(
  ports: Ports<Person>,
  tx: Tx,
  facts: SessionFacts<Person>,
  factor: FactorName,
): Promise<void> {
  if (!facts.deviceHash || factor === "password" || factor === "recovery-code") return;
  const [session] = await tx
    .select({ holds: sql<boolean>`(${ports.session.holds(facts)})` })
    .from(sql`(values (1)) as one(x)`);
  if (!session?.holds) return;
  const mark = { lastFactor: factor, ...(sentCodeFactors.includes(factor) ? {} : { provedAt: sql`now()` }) };
  await tx
    .insert(deviceFactors)
    .values({ deviceHash: facts.deviceHash, userId: facts.userId, ...mark })
    .onConflictDoUpdate({
      target: [deviceFactors.deviceHash, deviceFactors.userId],
      set: mark,
    });
}

function audit<Person>(
  ports: Ports<Person>,
  tx: Tx,
  facts: SessionFacts<Person>,
  proof: Proof,
  detail: Record<string, unknown>,
): Promise<void> {
  const { action, recordType, recordId, digest } = proof.token;
  const record = recordType && recordId ? { type: recordType, id: recordId } : null;
  return ports.audit.record(tx, {
    facts,
    action,
    outcome: "refused",
    record,
    digest,
    factor: proof.factor,
    authenticatorId: null,
    detail,
  });
}
