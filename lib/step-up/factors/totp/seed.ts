import { generateSecret, generateURI } from "otplib";
import { type KeyRing, seal, unseal } from "@/lib/platform/key-ring";

/** A new 160-bit seed, base32 (RFC 4226 § 4 R6). */
export function newSeed(): string {
  return generateSecret({ length: 20 });
}

/** The address that authenticator apps read from a QR code. */
export function seedUri(issuer: string, account: string, seed: string): string {
  return generateURI({ issuer, label: account, secret: seed });
}

/** Sealed for its place: moved into another user's row, it opens no more (threats.md, database writer). */
export function sealSeed(ring: KeyRing, userId: string, authenticatorId: string, seed: string): string {
  return seal(ring, Buffer.from(seed), seedPlace(userId, authenticatorId));
}

/** Opens a sealed seed; throws SealError when it belongs elsewhere or its key is gone. */
export function unsealSeed(ring: KeyRing, userId: string, authenticatorId: string, sealed: string): string {
  return unseal(ring, sealed, seedPlace(userId, authenticatorId)).toString("utf8");
}

/** What a seed is sealed for: one authenticator of one user. */
export function seedPlace(userId: string, authenticatorId: string): string {
  return `${userId}:${authenticatorId}`;
}
