import { generateAuthenticationOptions, verifyAuthenticationResponse } from "@simplewebauthn/server";
import { parseAuthenticatorData } from "@simplewebauthn/server/helpers";
import { and, eq, getTableColumns, lt, or, type SQL, sql } from "drizzle-orm";
import type { Reader, Tx } from "@/db/client";
import { authenticators, passkeys, type Signed, userHandles } from "@/db/schema/step-up";
import { answering } from "../answering";
import {
  type ChallengeFacts,
  defineFactor,
  type Factor,
  type RejectionReason,
  type Subject,
  type Verdict,
} from "../factor";
import { type Assertion, assertion, ranInOwnPage } from "./client-data";
import { ceremonyTimeoutMs, type RelyingParty } from "./relying-party";
import { hasOneSpelling } from "./signature-form";

/** Options for navigator.credentials.get(), with this user's usable passkeys. */
export type PasskeyOptions = { request: Awaited<ReturnType<typeof generateAuthenticationOptions>> };

type Stored = typeof passkeys.$inferSelect;

/**
 * Passkeys (WebAuthn Level 3): the assertion signs nonce and digest of what is confirmed. An answer is the browser's
 * AuthenticationResponseJSON. That one challenge is answered once is the pipeline's to see to (`spendNonce`): many
 * passkeys have no counter, so that their assertion alone would verify again.
 */
export function createPasskeyFactor(rp: RelyingParty): Factor {
  return defineFactor({
    name: "passkey",
    budget: null,
    answer: assertion,
    async prepare(read: Reader, subject: Subject, challenge: ChallengeFacts): Promise<PasskeyOptions | null> {
      const usable = await readPasskeys(read, answering(subject, "passkey"));
      // An empty list would let the browser offer whatever it has.
      if (usable.length === 0) return null;
      const request = await generateAuthenticationOptions({
        rpID: rp.id,
        challenge: new Uint8Array(challenge.webauthnChallenge),
        allowCredentials: usable.map(({ credentialId, transports }) => ({ id: credentialId, transports })),
        userVerification: "required",
        timeout: ceremonyTimeoutMs,
      });
      return { request };
    },
    verify: (tx, subject, challenge, answer) => verifyAssertion(tx, rp, subject, challenge, answer),
  });
}

/** Everything of threats.md 12–17 that the library leaves to the app stands here, in the order of WebAuthn § 7.2. */
async function verifyAssertion(
  tx: Tx,
  rp: RelyingParty,
  subject: Subject,
  challenge: ChallengeFacts,
  answer: Assertion,
): Promise<Verdict> {
  const [stored] = await readPasskeys(
    tx,
    answering(subject, "passkey"),
    eq(passkeys.credentialId, answer.id),
  );
  if (!stored) return refused("unknown-authenticator", "not a passkey that this user may answer with");
  if (!(await isOwnHandle(tx, subject.userId, answer.response.userHandle))) {
    return refused("unknown-authenticator", "the userHandle is not this user's");
  }
  if (!ranInOwnPage(answer.response.clientDataJSON))
    return refused("not-verified", "crossOrigin or topOrigin");
  const flags = readFlags(answer.response.authenticatorData);
  if (!flags) return refused("malformed", "unreadable authenticator data");
  if (flags.be !== stored.backupEligible) return refused("not-verified", "backup eligibility changed");
  if (flags.bs && !flags.be) return refused("not-verified", "backed up but not eligible");
  if (!(await isSigned(rp, challenge, stored, answer)))
    return refused("not-verified", "the library refused it");
  if (!(await advance(tx, stored, flags))) {
    return refused(
      "counter-went-back",
      `counter ${flags.counter} after ${stored.counter}: perhaps a copied passkey`,
    );
  }
  return {
    accepted: true,
    authenticatorId: stored.authenticatorId,
    signed: signedOf(challenge, stored, answer),
  };
}

function refused(reason: RejectionReason, audit: string): Verdict {
  return { accepted: false, reason, audit };
}

function readPasskeys(read: Reader, ...conditions: [SQL, ...SQL[]]): Promise<Stored[]> {
  return read
    .select(getTableColumns(passkeys))
    .from(passkeys)
    .innerJoin(authenticators, eq(authenticators.id, passkeys.authenticatorId))
    .where(and(...conditions));
}

/** A handle is sent by discoverable passkeys only; where it is sent, it must be this user's (§ 7.2 step 6). */
async function isOwnHandle(tx: Tx, userId: string, handle: string | null | undefined): Promise<boolean> {
  if (handle === null || handle === undefined || handle === "") return true;
  const [own] = await tx.select().from(userHandles).where(eq(userHandles.userId, userId));
  return own?.handle === handle;
}

function readFlags(authenticatorData: string) {
  try {
    const bytes = new Uint8Array(Buffer.from(authenticatorData, "base64url"));
    const { flags, counter } = parseAuthenticatorData(bytes);
    return { be: flags.be, bs: flags.bs, counter };
  } catch {
    return null;
  }
}

/** The library throws for most faults and answers `verified: false` for a bad signature: only true is yes. */
async function isSigned(
  rp: RelyingParty,
  challenge: ChallengeFacts,
  stored: Stored,
  { id, rawId, type, response }: Assertion,
): Promise<boolean> {
  const { clientDataJSON, authenticatorData, signature } = response;
  try {
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: {
        id,
        rawId,
        type,
        clientExtensionResults: {},
        response: { clientDataJSON, authenticatorData, signature },
      },
      expectedChallenge: challenge.webauthnChallenge.toString("base64url"),
      expectedOrigin: rp.origin,
      expectedRPID: rp.id,
      requireUserVerification: true,
      // The counter is compared by `advance`, atomically; 0 keeps the library from throwing about it.
      credential: { id: stored.credentialId, publicKey: new Uint8Array(stored.publicKey), counter: 0 },
    });
    const isVerified = verified === true && authenticationInfo.userVerified === true;
    const bytes = Buffer.from(signature, "base64url");
    return isVerified && hasOneSpelling(new Uint8Array(stored.publicKey), bytes);
  } catch {
    return false;
  }
}

/** Compare-and-set of the counter: it must grow, unless this authenticator has none (threats.md 16; § 7.2 step 22). */
async function advance(tx: Tx, stored: Stored, flags: { counter: number; bs: boolean }): Promise<boolean> {
  const hasNone = flags.counter === 0 ? eq(passkeys.counter, 0) : sql`false`;
  const advanced = await tx
    .update(passkeys)
    .set({ counter: flags.counter, backedUp: flags.bs })
    .where(
      and(
        eq(passkeys.authenticatorId, stored.authenticatorId),
        or(lt(passkeys.counter, flags.counter), hasNone),
      ),
    )
    .returning({ id: passkeys.authenticatorId });
  return advanced.length === 1;
}

/** Kept with the evidence, and with the audit row of what it confirmed. */
function signedOf(challenge: ChallengeFacts, stored: Stored, { response }: Assertion): Signed {
  return {
    credentialId: stored.credentialId,
    publicKey: stored.publicKey.toString("base64url"),
    nonce: challenge.nonce.toString("base64url"),
    clientDataJSON: response.clientDataJSON,
    authenticatorData: response.authenticatorData,
    signature: response.signature,
  };
}
