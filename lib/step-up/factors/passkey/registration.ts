import { randomBytes } from "node:crypto";
import { generateRegistrationOptions, verifyRegistrationResponse } from "@simplewebauthn/server";
import { decodeAttestationObject, isoCBOR } from "@simplewebauthn/server/helpers";
import { and, eq, isNull } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { authenticators, passkeys, userHandles } from "@/db/schema/step-up";
import { passkeyName } from "./aaguid-names";
import { type Attestation, ranInOwnPage } from "./client-data";
import { algorithmIds, isSoundKey } from "./public-key";
import { ceremonyTimeoutMs, type RelyingParty } from "./relying-party";

export type RegistrationOptions = Awaited<ReturnType<typeof generateRegistrationOptions>>;

/** What a verified registration yields, ready for the passkeys table. `credentialId` is base64url, the key COSE. */
export type NewPasskey = {
  credentialId: string;
  publicKey: Buffer;
  counter: number;
  transports: string[];
  aaguid: string;
  backupEligible: boolean;
  backedUp: boolean;
  suggestedName: string;
};

/**
 * Options for navigator.credentials.create(); passkeys that the user already has are excluded. `challenge`: 32
 * unpredictable bytes, kept with the ticket. Makes the user's handle when there is none yet.
 */
export async function registrationOptions(
  tx: Tx,
  rp: RelyingParty,
  user: { userId: string; account: string; displayName: string },
  challenge: Buffer,
): Promise<RegistrationOptions> {
  const own = await tx
    .select({ id: passkeys.credentialId, transports: passkeys.transports })
    .from(passkeys)
    .innerJoin(authenticators, eq(authenticators.id, passkeys.authenticatorId))
    .where(and(eq(authenticators.userId, user.userId), isNull(authenticators.removedAt)));
  return generateRegistrationOptions({
    rpID: rp.id,
    rpName: rp.name,
    userID: new Uint8Array(Buffer.from(await handleOf(tx, user.userId), "base64url")),
    userName: user.account,
    userDisplayName: user.displayName,
    challenge: new Uint8Array(challenge),
    attestationType: "none",
    excludeCredentials: own,
    authenticatorSelection: { residentKey: "preferred", userVerification: "required" },
    supportedAlgorithmIDs: [...algorithmIds],
    timeout: ceremonyTimeoutMs,
  });
}

/** A random user handle (WebAuthn L3 § 14.6.1), made once a user, also when two tabs ask together. */
async function handleOf(tx: Tx, userId: string): Promise<string> {
  const handle = randomBytes(32).toString("base64url");
  await tx.insert(userHandles).values({ userId, handle }).onConflictDoNothing();
  const [row] = await tx.select().from(userHandles).where(eq(userHandles.userId, userId));
  if (!row) throw new Error("user handle was not written");
  return row.handle;
}

/**
 * Verifies a new credential (WebAuthn L3 § 7.1) and what the library leaves to the app (threats.md 12–17). null:
 * refused; never throws for bad input. That the id is globally unique is the database's to see to (step 26).
 */
export async function verifyRegistration(
  rp: RelyingParty,
  challenge: Buffer,
  answer: Attestation,
): Promise<NewPasskey | null> {
  if (!ranInOwnPage(answer.response.clientDataJSON)) return null;
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: responseOf(answer),
      expectedChallenge: challenge.toString("base64url"),
      expectedOrigin: rp.origin,
      expectedRPID: rp.id,
      requireUserPresence: true,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...algorithmIds],
    });
    if (verified !== true || registrationInfo.userVerified !== true) return null;
    return soundPasskey(answer, registrationInfo);
  } catch {
    return null;
  }
}

type Verified = Extract<
  Awaited<ReturnType<typeof verifyRegistrationResponse>>,
  { verified: true }
>["registrationInfo"];

function soundPasskey(answer: Attestation, verified: Verified): NewPasskey | null {
  const { credential, aaguid, credentialBackedUp: backedUp, credentialDeviceType } = verified;
  const backupEligible = credentialDeviceType === "multiDevice";
  if (credential.id !== answer.id || !isSoundKey(credential.publicKey) || (backedUp && !backupEligible))
    return null;
  return {
    credentialId: credential.id,
    publicKey: Buffer.from(credential.publicKey),
    counter: credential.counter,
    transports: (answer.response.transports ?? []).filter((one) => transports.has(one)),
    aaguid,
    backupEligible,
    backedUp,
    suggestedName: passkeyName(aaguid),
  };
}

function responseOf({ id, rawId, type, response }: Attestation) {
  const { clientDataJSON, attestationObject } = response;
  const withoutStatement = unattested(attestationObject);
  return {
    id,
    rawId,
    type,
    clientExtensionResults: {},
    response: { clientDataJSON, attestationObject: withoutStatement },
  };
}

/**
 * The attestation object with its statement left out: none was asked for (§ 5.4.7), so none is read, be it a chain
 * of certificates that names places to fetch more from. Throws for what is no attestation object.
 */
function unattested(attestationObject: string): string {
  const authData = decodeAttestationObject(new Uint8Array(Buffer.from(attestationObject, "base64url"))).get(
    "authData",
  );
  const none = new Map<string, unknown>([
    ["fmt", "none"],
    ["attStmt", new Map()],
    ["authData", authData],
  ]);
  return Buffer.from(isoCBOR.encode(none as Parameters<typeof isoCBOR.encode>[0])).toString("base64url");
}

/** WebAuthn L3 § 5.8.4; "cable" is what older browsers call "hybrid". */
const transports = new Set(["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"]);
