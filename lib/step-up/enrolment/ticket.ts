import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";
import { and, eq, isNull, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { enrolments } from "@/db/schema/step-up";
import { deriveKey, type KeyRing, seal, unseal } from "@/lib/platform/key-ring";
import { openDestination, sealDestination, ticketDestinationPlace } from "../factors/sent-code/destination";
import { newSeed } from "../factors/totp/seed";
import { type EnrolledFactor, type FactorName, onProbation, type SessionFacts } from "../facts";
import { Invalid } from "../refusal";

export const enrolmentLifetimeSeconds = 600;

/** A ticket as the ceremonies use it. `replaces`: the lost authenticator that goes in the same step. */
export type Ticket = {
  id: string;
  openedBy: FactorName | "link";
  onProbation: boolean;
  seed: string;
  webauthnChallenge: Buffer;
  replaces: string | null;
  /** The address or number that a code was sent to last; null where none was. */
  destination: string | null;
};

/**
 * Opens a ticket for binding one authenticator, after a proof for exactly this (design § 6). `factor` null: either
 * kind. `vouchedBy` is the authenticator that proved it: without one, or by one that is on probation itself, the new
 * one is on probation. `vouched`: somebody else did, by a link (docs/decisions/007). `mailedCode`: it can be used only
 * once this code, which was mailed, has been typed.
 */
export async function openTicket(
  tx: Tx,
  ring: KeyRing,
  facts: SessionFacts,
  by: {
    factor: EnrolledFactor | null;
    openedBy: FactorName | "link";
    vouchedBy: string | null;
    vouched?: boolean;
    replaces?: string | null;
    mailedCode?: string | null;
  },
): Promise<Ticket> {
  const seed = newSeed();
  const webauthnChallenge = randomBytes(32);
  const id = crypto.randomUUID();
  const vouching = facts.authenticators.find((one) => one.id === by.vouchedBy);
  const probation = !by.vouched && (!vouching || onProbation(vouching, facts.now));
  const { replaces = null, mailedCode = null } = by;
  await tx.insert(enrolments).values({
    id,
    userId: facts.userId,
    sessionId: facts.sessionId,
    lockEpoch: facts.lockEpoch,
    factor: by.factor,
    openedBy: by.openedBy,
    onProbation: probation,
    replaces,
    mailedCodeHash: mailedCode === null ? null : hashMailedCode(ring, id, mailedCode),
    sealedSeed: seal(ring, Buffer.from(seed), enrolmentPlace(facts.userId, id)),
    webauthnChallenge: webauthnChallenge.toString("base64url"),
    expiresAt: sql`now() + make_interval(secs => ${enrolmentLifetimeSeconds})`,
  });
  const destination = null;
  return {
    id,
    openedBy: by.openedBy,
    onProbation: probation,
    seed,
    webauthnChallenge,
    replaces,
    destination,
  };
}

/** Reads a ticket that may still be used by this session for this kind. Throws Invalid in words otherwise. */
export async function requireTicket(
  tx: Tx,
  ring: KeyRing,
  facts: SessionFacts,
  id: string,
  factor: EnrolledFactor,
): Promise<Ticket> {
  const row = await readUsable(tx, facts, id);
  if (!row || (row.factor !== null && row.factor !== factor)) {
    throw new Invalid({}, "This set-up has expired or was finished. Start again.");
  }
  if (row.mailedCodeHash !== null && row.mailConfirmedAt === null)
    throw new Invalid({}, "Type the code from the email first.");
  const seed = unseal(ring, row.sealedSeed, enrolmentPlace(row.userId, row.id)).toString("utf8");
  return {
    id: row.id,
    openedBy: row.openedBy,
    onProbation: row.onProbation,
    seed,
    webauthnChallenge: Buffer.from(row.webauthnChallenge, "base64url"),
    replaces: row.replaces,
    destination:
      row.sealedDestination === null
        ? null
        : openDestination(ring, ticketDestinationPlace(row.userId, row.id), row.sealedDestination),
  };
}

/** Notes where a code of this ticket went: only there it can be bound to. */
export async function keepDestination(
  tx: Tx,
  ring: KeyRing,
  { userId }: SessionFacts,
  { id }: Ticket,
  destination: string,
): Promise<void> {
  const sealedDestination = sealDestination(ring, ticketDestinationPlace(userId, id), destination);
  await tx.update(enrolments).set({ sealedDestination }).where(eq(enrolments.id, id));
}

/**
 * Whether this is the code that was mailed for the ticket; then it may be used. Counting the try is the caller's.
 * False, too, for a ticket that is over or needs none.
 */
export async function confirmMailedCode(
  tx: Tx,
  ring: KeyRing,
  facts: SessionFacts,
  id: string,
  code: string,
): Promise<boolean> {
  const row = await readUsable(tx, facts, id);
  if (!row?.mailedCodeHash) return false;
  const kept = Buffer.from(row.mailedCodeHash);
  // With every key: the one that was current when the code was mailed may have been followed by another.
  if (!ring.some((key) => timingSafeEqual(Buffer.from(hashMailedCode([key], id, code)), kept))) return false;
  await tx.update(enrolments).set({ mailConfirmedAt: sql`now()` }).where(eq(enrolments.id, id));
  return true;
}

/** A ticket of this very session that is neither used nor over, locked until the transaction ends. */
async function readUsable(tx: Tx, facts: SessionFacts, id: string) {
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
  return row;
}

/** Six digits can all be tried against a bare hash: this one needs the server's key (ASVS v5.0.0-6.6.3). */
function hashMailedCode(ring: KeyRing, id: string, code: string): string {
  const [current] = ring;
  if (!current) throw new Error("The key ring is empty");
  return createHmac("sha256", deriveKey(current.key, "mailed code")).update(`${id}:${code}`).digest("hex");
}

/** Spends a ticket: one authenticator each. Its seed is the authenticator's now, or nobody's: here it goes at once. */
export async function completeTicket(
  tx: Tx,
  ring: KeyRing,
  { userId }: SessionFacts,
  { id }: Ticket,
): Promise<void> {
  const sealedSeed = seal(ring, Buffer.alloc(0), enrolmentPlace(userId, id));
  await tx
    .update(enrolments)
    .set({ completedAt: sql`now()`, sealedSeed, sealedDestination: null })
    .where(eq(enrolments.id, id));
}

/** What an offered seed is sealed for: its own ticket. */
export function enrolmentPlace(userId: string, enrolmentId: string): string {
  return `keyturn enrolment v1:${userId}:${enrolmentId}`;
}
