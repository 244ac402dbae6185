import { generateAuthenticationOptions, verifyAuthenticationResponse } from "@simplewebauthn/server";
import { parseAuthenticatorData } from "@simplewebauthn/server/helpers";
import { and, eq, inArray, lt, or, sql } from "drizzle-orm";
import type { Reader, Tx } from "@/db/client";
import { passkeys, userHandles } from "@/db/schema/step-up";
import { type ChallengeFacts, defineFactor, type Factor, type Subject, type Verdict } from "../factor";
import { type Assertion, assertion, isOneId, ranInOwnPage } from "./client-data";
import { longestCredentialId, type RelyingParty } from "./relying-party";

export type PasskeyOptions = { request: Awaited<ReturnType<typeof generateAuthenticationOptions>> };

type Stored = typeof passkeys.$inferSelect;

const refusedAs = (reason: "unknown-authenticator" | "not-verified" | "malformed", audit: string): Verdict => ({ accepted: false, reason, audit });

/** Passkeys (WebAuthn Level 3): the assertion signs nonce and digest of what is confirmed. */
export function createPasskeyFactor(rp: RelyingParty): Factor {
  return defineFactor({
    name: "passkey",
    budget: null,
    answer: assertion,
    async prepare(read: Reader, subject: Subject, challenge: ChallengeFacts): Promise<PasskeyOptions | null> {
      const ids = subject.authenticators.map((one) => one.id);
      if (ids.length === 0) return null;
      const stored = await read.select().from(passkeys).where(inArray(passkeys.authenticatorId, ids));
      const request = await generateAuthenticationOptions({
        rpID: rp.id,
        challenge: new Uint8Array(challenge.webauthnChallenge),
        allowCredentials: stored.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
        userVerification: "required",
        timeout: 120_000,
      });
      return { request };
    },
    verify: (tx, subject, challenge, answer) => verifyAssertion(tx, rp, subject, challenge, answer),
  });
}

/** Everything of threats.md 12–17 that the library leaves to the app stands here, in the order of WebAuthn § 7.2. */
async function verifyAssertion(tx: Tx, rp: RelyingParty, subject: Subject, challenge: ChallengeFacts, answer: Assertion): Promise<Verdict> {
  if (!isOneId(answer, longestCredentialId)) return refusedAs("malformed", "id and rawId differ or are too long");
  const stored = await ownCredential(tx, subject, answer.id);
  if (!stored) return refusedAs("unknown-authenticator", "not a passkey of this user");
  if (!(await isOwnHandle(tx, subject.userId, answer.response.userHandle))) return refusedAs("unknown-authenticator", "userHandle of somebody else");
  if (!ranInOwnPage(answer.response.clientDataJSON)) return refusedAs("not-verified", "crossOrigin or topOrigin");
  const flags = readFlags(answer.response.authenticatorData);
  if (!flags) return refusedAs("malformed", "authenticator data");
  if (flags.be !== stored.backupEligible) return refusedAs("not-verified", "backup eligibility changed");
  if (flags.bs && !flags.be) return refusedAs("not-verified", "backed up but not eligible");
  if (!(await isSigned(rp, challenge, stored, answer))) return refusedAs("not-verified", "the library did not verify it");
  if (!(await advance(tx, stored, flags))) {
    return { accepted: false, reason: "counter-went-back", audit: `counter ${flags.counter} after ${stored.counter}` };
  }
  return { accepted: true, authenticatorId: stored.authenticatorId, receipt: receiptOf(challenge, stored, answer) };
}

/** The credential, if it is one of the user's that may answer here (threats.md 3, 13). */
async function ownCredential(tx: Tx, subject: Subject, credentialId: string): Promise<Stored | undefined> {
  const ids = subject.authenticators.map((one) => one.id);
  if (ids.length === 0) return undefined;
  const [stored] = await tx
    .select()
    .from(passkeys)
    .where(and(eq(passkeys.credentialId, credentialId), inArray(passkeys.authenticatorId, ids)));
  return stored;
}

async function isOwnHandle(tx: Tx, userId: string, handle: string | null | undefined): Promise<boolean> {
  if (handle === null || handle === undefined || handle === "") return true;
  const [own] = await tx.select().from(userHandles).where(eq(userHandles.userId, userId));
  return own?.handle === handle;
}

function readFlags(authenticatorData: string) {
  try {
    const { flags, counter } = parseAuthenticatorData(new Uint8Array(Buffer.from(authenticatorData, "base64url")));
    return { be: flags.be, bs: flags.bs, counter };
  } catch {
    return null;
  }
}

/** The library throws for most faults and answers `verified: false` for a bad signature: only true is yes. */
async function isSigned(rp: RelyingParty, challenge: ChallengeFacts, stored: Stored, answer: Assertion): Promise<boolean> {
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: { ...answer, authenticatorAttachment: answer.authenticatorAttachment ?? undefined, response: { ...answer.response, userHandle: answer.response.userHandle ?? undefined } } as Parameters<typeof verifyAuthenticationResponse>[0]["response"],
      expectedChallenge: challenge.webauthnChallenge.toString("base64url"),
      expectedOrigin: rp.origin,
      expectedRPID: rp.id,
      requireUserVerification: true,
      // The counter is compared by `advance`, atomically; 0 keeps the library from throwing about it.
      credential: { id: stored.credentialId, publicKey: new Uint8Array(stored.publicKey), counter: 0 },
    });
    return verified === true && authenticationInfo.userVerified === true;
  } catch {
    return false;
  }
}

/** Compare-and-set of the counter: it must grow, unless this authenticator has none (threats.md 16). */
async function advance(tx: Tx, stored: Stored, flags: { counter: number; bs: boolean }): Promise<boolean> {
  const bothZero = flags.counter === 0 ? eq(passkeys.counter, 0) : sql`false`;
  const advanced = await tx
    .update(passkeys)
    .set({ counter: flags.counter, backedUp: flags.bs })
    .where(and(eq(passkeys.authenticatorId, stored.authenticatorId), or(lt(passkeys.counter, flags.counter), bothZero)))
    .returning({ id: passkeys.authenticatorId });
  return advanced.length === 1;
}

/** What is needed to check the signature again later, kept with the audit row of what it confirmed. */
function receiptOf(challenge: ChallengeFacts, stored: Stored, { response }: Assertion): Record<string, string> {
  return {
    credentialId: stored.credentialId,
    publicKey: stored.publicKey.toString("base64url"),
    nonce: challenge.nonce.toString("base64url"),
    clientDataJSON: response.clientDataJSON,
    authenticatorData: response.authenticatorData,
    signature: response.signature,
  };
}
