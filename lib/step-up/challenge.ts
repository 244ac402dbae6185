import { createHash, randomBytes } from "node:crypto";
import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import type { Reader, Tx } from "@/db/client";
import { factorNames, spentNonces } from "@/db/schema/step-up";
import { type KeyRing, seal, unseal } from "@/lib/platform/key-ring";
import { webauthnChallengeOf } from "@/lib/platform/webauthn-challenge";
import type { ChallengeFacts } from "./factors/factor";
import type { FactorName, SessionFacts } from "./facts";
import type { Requirement } from "./requirement";

export const challengeLifetimeSeconds = 300;
/** How long an answered one is remembered after its end, so that no clock brings it back. */
export const nonceMemorySeconds = 3600;
export const challengeAdditionalData = "keyturn challenge v1";

/** What a challenge was opened for. It costs no write until it is answered: the browser carries it, sealed. */
const payload = z.strictObject({
  purpose: z.literal("step-up"),
  userId: z.string(),
  sessionId: z.string(),
  action: z.string(),
  recordType: z.string().nullable(),
  recordId: z.string().nullable(),
  lockEpoch: z.int(),
  /** Base64url of 32 random bytes; spent once, on use. */
  nonce: z.string(),
  digest: z.string(),
  /** The requirement it was opened under: another one now means another challenge (threats.md 7). */
  requirement: z.string(),
  accepted: z.array(z.enum(factorNames)),
  expiresAt: z.int(),
});
export type ChallengeToken = z.infer<typeof payload>;

export type ChallengeSubject = {
  action: string;
  record: { type: string; id: string } | null;
  digest: string;
  requirement: Requirement;
  accepted: FactorName[];
};

/** Opens a challenge for one purpose, user, session, action, record and digest. Returns its sealed token. */
export function openChallenge(
  ring: KeyRing,
  facts: SessionFacts,
  subject: ChallengeSubject,
): { token: string; challenge: ChallengeFacts } {
  const nonce = randomBytes(32);
  const content: ChallengeToken = {
    purpose: "step-up",
    userId: facts.userId,
    sessionId: facts.sessionId,
    action: subject.action,
    recordType: subject.record?.type ?? null,
    recordId: subject.record?.id ?? null,
    lockEpoch: facts.lockEpoch,
    nonce: nonce.toString("base64url"),
    digest: subject.digest,
    requirement: fingerprint(subject.requirement),
    accepted: subject.accepted,
    expiresAt: facts.now.getTime() + challengeLifetimeSeconds * 1000,
  };
  const token = seal(ring, Buffer.from(JSON.stringify(content)), challengeAdditionalData);
  return { token, challenge: challengeFacts(nonce, content) };
}

/** Reads a token that this server sealed; null for anything else. Says nothing of whether it still fits. */
export function readChallenge(ring: KeyRing, token: string): ChallengeToken | null {
  try {
    return payload.parse(JSON.parse(unseal(ring, token, challengeAdditionalData).toString("utf8")));
  } catch {
    return null;
  }
}

export type Misfit = "foreign" | "expired" | "locked" | "changed";

/**
 * Whether an answered challenge still fits the call as it is now: same user, session, action and digest, the same
 * lock epoch, and the requirement computed again. Checked before anything is counted or spent (threats.md 3, 4, 7).
 */
export function misfitOf(
  token: ChallengeToken | null,
  facts: SessionFacts,
  subject: ChallengeSubject,
): Misfit | null {
  if (!token || token.userId !== facts.userId || token.sessionId !== facts.sessionId) return "foreign";
  const { type, id } = subject.record ?? { type: null, id: null };
  if (token.action !== subject.action || token.recordType !== type || token.recordId !== id) return "foreign";
  if (token.expiresAt <= facts.now.getTime()) return "expired";
  if (token.lockEpoch !== facts.lockEpoch) return "locked";
  if (token.digest !== subject.digest || token.requirement !== fingerprint(subject.requirement))
    return "changed";
  return null;
}

/** How long ago it was opened, in milliseconds by the database's clock on both sides. */
export function msSinceOpened({ expiresAt }: ChallengeToken, now: Date): number {
  return now.getTime() - (expiresAt - challengeLifetimeSeconds * 1000);
}

/** The challenge as the factors saw it when it was opened. */
export function factsOfToken(token: ChallengeToken): ChallengeFacts {
  return challengeFacts(Buffer.from(token.nonce, "base64url"), token);
}

/** Spends the nonce: true once, false for every other answer to the same challenge, also a parallel one. */
export async function spendNonce(tx: Tx, token: ChallengeToken): Promise<boolean> {
  const nonceHash = nonceHashOf(token);
  const forgetAt = sql`to_timestamp(${Math.ceil(token.expiresAt / 1000) + nonceMemorySeconds})`;
  const spent = await tx
    .insert(spentNonces)
    .values({ nonceHash, forgetAt })
    .onConflictDoNothing()
    .returning({ nonceHash: spentNonces.nonceHash });
  return spent.length === 1;
}

/** Whether it was answered or given up already; nothing is spent by asking. */
export async function isUnspent(read: Pick<Reader, "select">, token: ChallengeToken): Promise<boolean> {
  const [spent] = await read
    .select({ nonceHash: spentNonces.nonceHash })
    .from(spentNonces)
    .where(eq(spentNonces.nonceHash, nonceHashOf(token)));
  return spent === undefined;
}

function nonceHashOf({ nonce }: ChallengeToken): string {
  return createHash("sha256").update(nonce).digest("hex");
}

function challengeFacts(nonce: Buffer, { digest, lockEpoch }: ChallengeToken): ChallengeFacts {
  return { nonce, digest, webauthnChallenge: webauthnChallengeOf(nonce, digest), lockEpoch };
}

function fingerprint(requirement: Requirement): string {
  return createHash("sha256").update(JSON.stringify(requirement)).digest("base64url");
}
