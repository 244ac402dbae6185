import { z } from "zod";

/** Bytes in base64url, in their one spelling: this module, the library and the signature see the same bytes. */
function base64url(mostBytes: number) {
  return z
    .string()
    .max(Math.ceil((mostBytes * 4) / 3))
    .refine((text) => Buffer.from(text, "base64url").toString("base64url") === text);
}

/** Longest credential id that is accepted (WebAuthn L3 § 7.1 step 25, § 7.2). */
const longestCredentialId = 1023;

/** Not read by the server: present in what browsers send. */
const extensionResults = z.record(z.string(), z.unknown());
const attachment = z.enum(["platform", "cross-platform"]).nullish();
const credentialId = base64url(longestCredentialId).refine((id) => id.length > 0);

/** The browser's assertion (AuthenticationResponseJSON), strict: what is not expected is refused, not ignored. */
export const assertion = z
  .strictObject({
    id: credentialId,
    rawId: credentialId,
    type: z.literal("public-key"),
    authenticatorAttachment: attachment,
    clientExtensionResults: extensionResults,
    response: z.strictObject({
      clientDataJSON: base64url(8 * 1024),
      authenticatorData: base64url(8 * 1024),
      // RSA with 8192 bits.
      signature: base64url(1024),
      userHandle: base64url(64).nullish(),
    }),
  })
  .refine(hasOneId);
export type Assertion = z.infer<typeof assertion>;

/**
 * The browser's new credential (RegistrationResponseJSON), strict. The members beside the two that are verified are
 * the browser's convenience and not read.
 */
export const attestation = z
  .strictObject({
    id: credentialId,
    rawId: credentialId,
    type: z.literal("public-key"),
    authenticatorAttachment: attachment,
    clientExtensionResults: extensionResults,
    response: z.strictObject({
      clientDataJSON: base64url(8 * 1024),
      attestationObject: base64url(32 * 1024),
      transports: z.array(z.string().max(32)).max(10).optional(),
      publicKeyAlgorithm: z.number().optional(),
      publicKey: base64url(8 * 1024).optional(),
      authenticatorData: base64url(8 * 1024).optional(),
    }),
  })
  .refine(hasOneId);
export type Attestation = z.infer<typeof attestation>;

function hasOneId(credential: { id: string; rawId: string }): boolean {
  return credential.id === credential.rawId;
}

/**
 * Whether the ceremony ran in our own top-level page: no frame of another origin, no `topOrigin` (threats.md 14;
 * WebAuthn L3 § 7.1 step 10, § 7.2 step 13). Unreadable client data answers false.
 */
export function ranInOwnPage(clientDataJSON: string): boolean {
  try {
    const data: unknown = JSON.parse(Buffer.from(clientDataJSON, "base64url").toString("utf8"));
    if (typeof data !== "object" || data === null) return false;
    const inFrame = "crossOrigin" in data && data.crossOrigin !== false;
    return !inFrame && !("topOrigin" in data);
  } catch {
    return false;
  }
}
