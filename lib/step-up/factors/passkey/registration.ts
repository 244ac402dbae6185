import { randomBytes } from "node:crypto";
import { generateRegistrationOptions, verifyRegistrationResponse } from "@simplewebauthn/server";
import { and, eq, isNull } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { authenticators, passkeys, userHandles } from "@/db/schema/step-up";
import { passkeyName } from "./aaguid-names";
import { type Attestation, isOneId, ranInOwnPage } from "./client-data";
import { isSoundKey } from "./public-key";
import { algorithmIds, longestCredentialId, type RelyingParty } from "./relying-party";

export type RegistrationOptions = Awaited<ReturnType<typeof generateRegistrationOptions>>;

/** What a verified registration yields, ready for the passkeys table. */
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

/** Options for navigator.credentials.create(); passkeys that the user already has are excluded. */
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
    timeout: 120_000,
  });
}

/** A random user handle (WebAuthn § 14.6.1), made once a user. */
async function handleOf(tx: Tx, userId: string): Promise<string> {
  await tx.insert(userHandles).values({ userId, handle: randomBytes(32).toString("base64url") }).onConflictDoNothing();
  const [row] = await tx.select().from(userHandles).where(eq(userHandles.userId, userId));
  if (!row) throw new Error("user handle was not written");
  return row.handle;
}

/**
 * Verifies a new credential (WebAuthn § 7.1) and what the library leaves to the app (threats.md 12–17). null: refused;
 * never throws for bad input.
 */
export async function verifyRegistration(rp: RelyingParty, challenge: Buffer, answer: Attestation): Promise<NewPasskey | null> {
  if (!isOneId(answer, longestCredentialId) || !ranInOwnPage(answer.response.clientDataJSON)) return null;
  try {
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: answer as Parameters<typeof verifyRegistrationResponse>[0]["response"],
      expectedChallenge: challenge.toString("base64url"),
      expectedOrigin: rp.origin,
      expectedRPID: rp.id,
      requireUserPresence: true,
      requireUserVerification: true,
      supportedAlgorithmIDs: [...algorithmIds],
    });
    if (verified !== true || registrationInfo.userVerified !== true) return null;
    const { credential, aaguid, credentialBackedUp, credentialDeviceType } = registrationInfo;
    const backupEligible = credentialDeviceType === "multiDevice";
    if (credential.id !== answer.id || !isSoundKey(credential.publicKey) || (credentialBackedUp && !backupEligible)) return null;
    return {
      credentialId: credential.id,
      publicKey: Buffer.from(credential.publicKey),
      counter: credential.counter,
      transports: (answer.response.transports ?? []).filter((one) => knownTransports.has(one)),
      aaguid,
      backupEligible,
      backedUp: credentialBackedUp,
      suggestedName: passkeyName(aaguid),
    };
  } catch {
    return null;
  }
}

const knownTransports = new Set(["ble", "cable", "hybrid", "internal", "nfc", "smart-card", "usb"]);
