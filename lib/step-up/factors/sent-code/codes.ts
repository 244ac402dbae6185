import { createHash, createHmac, randomInt } from "node:crypto";
import { and, eq, gt, inArray, isNull, type SQL, sql } from "drizzle-orm";
import type { Reader, Tx } from "@/db/client";
import { sentCodes } from "@/db/schema/step-up";
import { deriveKey, type KeyRing } from "@/lib/platform/key-ring";
import type { ChallengeFacts } from "../factor";

/** At most ten minutes (ASVS v5.0.0-6.5.5). */
export const codeLifetimeSeconds = 600;

/** What a code is for. `boundTo`: see boundToChallenge and boundToTicket. */
export type CodePurpose = { userId: string; sessionId: string; boundTo: string };

/**
 * A code goes with what the challenge confirms (purpose, action, person, session, record and its version, input, the
 * prompt's words: all of it is in the digest) and with the lock epoch, and not with the nonce: a typing error opens a
 * new challenge for the same, and must not cost another message. For anything else the code is a wrong one
 * (threats.md 3, 4; ASVS v5.0.0-6.6.2).
 */
export function boundToChallenge({
  digest,
  lockEpoch,
}: Pick<ChallengeFacts, "digest" | "lockEpoch">): string {
  return hash(`challenge:${digest}:${lockEpoch}`);
}

/** The code that joins the password when a first factor is set up (lib/security/mailed-code.ts). */
export function boundToFirstEnrolment(): string {
  return hash("first enrolment");
}

/** A code that verifies an address or a number goes with that one, and with the ticket under which it is set up. */
export function boundToTicket(enrolmentId: string, destination: string): string {
  return hash(`enrolment:${enrolmentId}:${destination}`);
}

/** Six digits of a CSPRNG: guessing is limited by the account's budget of codes (ASVS v5.0.0-6.6.3). */
export function newCode(): string {
  return String(randomInt(1_000_000)).padStart(6, "0");
}

export type SentCode = {
  code: string;
  destination: string;
  authenticatorId: string | null;
  messageId: string;
  knownDevice: boolean;
};

/**
 * Keeps a code that goes out now. Of those for the same only the newest works: returns the messages of the others, which
 * are worth nothing any more.
 */
export async function keepSentCode(
  tx: Tx,
  ring: KeyRing,
  purpose: CodePurpose,
  { code, destination, ...row }: SentCode,
): Promise<string[]> {
  const { userId, sessionId, boundTo } = purpose;
  const superseded = await tx
    .update(sentCodes)
    .set({ expiresAt: sql`now()` })
    .where(and(isFor(purpose), isOpen()))
    .returning({ messageId: sentCodes.messageId });
  await tx.insert(sentCodes).values({
    ...row,
    userId,
    sessionId,
    challengeHash: boundTo,
    codeHash: hashCode(ring, purpose, code),
    destinationHash: destinationHashes(ring, destination)[0],
    expiresAt: sql`now() + make_interval(secs => ${codeLifetimeSeconds})`,
  });
  return superseded.flatMap(({ messageId }) => messageId ?? []);
}

/** An address or number as limits know it, under each key of the ring: the current one's first. */
export function destinationHashes(ring: KeyRing, destination: string): string[] {
  return ring.map(({ key }) =>
    createHmac("sha256", deriveKey(key, "sent code destination")).update(destination).digest("hex"),
  );
}

export type Spent =
  | { spent: true; authenticatorId: string | null }
  | { spent: false; because: "wrong" | "used" };

/**
 * Spends a code: true once, in any number of parallel calls, since one statement compares, checks and marks it. `by`
 * says whose it may be. Counting the try is the caller's (threats.md 8, 9).
 */
export async function spendCode(
  tx: Tx,
  ring: KeyRing,
  purpose: CodePurpose,
  code: string,
  by: SQL,
): Promise<Spent> {
  // With every key: the one that was current when it was sent may have been followed by another.
  const hashes = ring.map((key) => hashCode([key], purpose, code));
  const itIs = and(isFor(purpose), inArray(sentCodes.codeHash, hashes), by);
  const [row] = await tx
    .update(sentCodes)
    .set({ usedAt: sql`now()` })
    .where(and(itIs, isOpen()))
    .returning({ authenticatorId: sentCodes.authenticatorId });
  if (row) return { spent: true, authenticatorId: row.authenticatorId };
  const [over] = await tx.select({ id: sentCodes.id }).from(sentCodes).where(itIs).limit(1);
  return { spent: false, because: over ? "used" : "wrong" };
}

/** The code that would be accepted now: when it ends, and its message. Not the code itself: that is nowhere. */
export async function readOpenCode(read: Reader, purpose: CodePurpose, by: SQL) {
  const [row] = await read
    .select({
      messageId: sentCodes.messageId,
      expiresInSeconds: sql<number>`ceil(extract(epoch from ${sentCodes.expiresAt} - now()))::int`,
    })
    .from(sentCodes)
    .where(and(isFor(purpose), isOpen(), by))
    .limit(1);
  return row ?? null;
}

function isFor({ userId, sessionId, boundTo }: CodePurpose): SQL | undefined {
  return and(
    eq(sentCodes.userId, userId),
    eq(sentCodes.sessionId, sessionId),
    eq(sentCodes.challengeHash, boundTo),
  );
}

function isOpen(): SQL | undefined {
  return and(isNull(sentCodes.usedAt), gt(sentCodes.expiresAt, sql`now()`));
}

/** Under the server's key, and with its place: a row that is moved to somebody else's challenge answers nothing there. */
function hashCode(ring: KeyRing, { userId, sessionId, boundTo }: CodePurpose, code: string): string {
  const [current] = ring;
  if (!current) throw new Error("The key ring is empty");
  const place = `${userId}:${sessionId}:${boundTo}:${code}`;
  return createHmac("sha256", deriveKey(current.key, "sent code")).update(place).digest("hex");
}

function hash(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
