import { asc, eq, inArray } from "drizzle-orm";
import { z } from "zod";
import type { Reader, Tx } from "@/db/client";
import { authenticators, codeDestinations, sentCodes } from "@/db/schema/step-up";
import type { KeyRing } from "@/lib/platform/key-ring";
import { answering } from "../answering";
import { type ChallengeFacts, defineFactor, type Factor, type Subject, type Verdict } from "../factor";
import { normaliseCode } from "../normalise-code";
import { boundToChallenge, readOpenCode, spendCode } from "./codes";
import { destinationPlace, openDestination } from "./destination";
import { readSends, waitSeconds } from "./limits";

/** What became of a code's message, as far as it is known. */
export type Delivery = "waiting" | "delayed" | "sent" | "delivered" | "failed";

/** How codes of a kind travel: the app's part. */
export type Channel = {
  factor: "email-code" | "sms-code";
  /** Whether messages of this kind leave here at all. */
  available: boolean;
  /** Enough of an address or number to know which one. */
  masked(destination: string): string;
  deliveryOf(read: Reader, messageId: string): Promise<Delivery>;
};

/**
 * What the prompt shows; `sent`: the code that is on its way or there, where one was asked for; `sendInSeconds`: when
 * the session may ask for the next one.
 */
export type SentCodeOptions = {
  authenticatorId: string;
  to: string;
  sendInSeconds: number;
  sent: { expiresInSeconds: number; delivery: Delivery } | null;
};

const answer = z.strictObject({ code: z.string().max(64) });

/**
 * A code that is sent to a verified address or number when the person asks for it (lib/security/send-code.ts): six
 * digits, ten minutes, once. An answer is `{ code }`.
 */
export function createSentCodeFactor(ring: KeyRing, channel: Channel): Factor {
  const { factor: name } = channel;
  return defineFactor({
    name,
    budget: "codes",
    answer,
    async prepare(
      read: Reader,
      subject: Subject,
      challenge: ChallengeFacts,
    ): Promise<SentCodeOptions | null> {
      if (!channel.available) return null;
      const found = await readDestination(read, ring, subject, name);
      if (!found) return null;
      const { authenticatorId, destination } = found;
      return {
        authenticatorId,
        to: channel.masked(destination),
        sendInSeconds: waitSeconds(await readSends(read, { ...subject, knownDevice: false })),
        sent: await readSent(read, channel, subject, challenge),
      };
    },
    /** Normalise, then compare and spend in one statement; the try was counted before (threats.md 8). */
    async verify(tx: Tx, subject: Subject, challenge: ChallengeFacts, { code: typed }): Promise<Verdict> {
      const code = normaliseCode(typed);
      if (code === null) return { accepted: false, reason: "malformed" };
      const result = await spendCode(tx, ring, purposeOf(subject, challenge), code, ofOwn(tx, subject, name));
      return result.spent
        ? { accepted: true, authenticatorId: result.authenticatorId }
        : { accepted: false, reason: result.because };
    },
  });
}

/** Where this user's codes of a kind go: the oldest that may answer, and opens. */
export async function readDestination(
  read: Reader,
  ring: KeyRing,
  subject: Subject,
  factor: Channel["factor"],
): Promise<{ authenticatorId: string; destination: string } | null> {
  const rows = await read
    .select({ id: authenticators.id, sealed: codeDestinations.sealedDestination })
    .from(codeDestinations)
    .innerJoin(authenticators, eq(authenticators.id, codeDestinations.authenticatorId))
    .where(answering(subject, factor))
    .orderBy(asc(authenticators.createdAt), asc(authenticators.id));
  for (const { id, sealed } of rows) {
    const destination = openDestination(ring, destinationPlace(subject.userId, id), sealed);
    if (destination !== null) return { authenticatorId: id, destination };
  }
  return null;
}

async function readSent(
  read: Reader,
  channel: Channel,
  subject: Subject,
  challenge: ChallengeFacts,
): Promise<SentCodeOptions["sent"]> {
  const open = await readOpenCode(read, purposeOf(subject, challenge), ofOwn(read, subject, channel.factor));
  if (!open) return null;
  return {
    expiresInSeconds: open.expiresInSeconds,
    delivery: open.messageId === null ? "waiting" : await channel.deliveryOf(read, open.messageId),
  };
}

function purposeOf({ userId, sessionId }: Subject, challenge: ChallengeFacts) {
  return { userId, sessionId, boundTo: boundToChallenge(challenge) };
}

/** Codes of authenticators that may answer now: in use, this user's, of this factor. */
function ofOwn(read: Pick<Reader, "select">, subject: Subject, factor: Channel["factor"]) {
  const own = read.select({ id: authenticators.id }).from(authenticators).where(answering(subject, factor));
  return inArray(sentCodes.authenticatorId, own);
}
