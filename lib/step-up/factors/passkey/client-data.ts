import { z } from "zod";

const text = z.string().max(64 * 1024).regex(/^[A-Za-z0-9_-]*$/);

/** The browser's assertion, strict: what is not expected is refused, not ignored. */
export const assertion = z.strictObject({
  id: text,
  rawId: text,
  type: z.literal("public-key"),
  authenticatorAttachment: z.enum(["platform", "cross-platform"]).nullish(),
  clientExtensionResults: z.record(z.string(), z.unknown()),
  response: z.strictObject({
    clientDataJSON: text,
    authenticatorData: text,
    signature: text,
    userHandle: text.nullish(),
  }),
});
export type Assertion = z.infer<typeof assertion>;

/** The browser's new credential. The members beside the two that are verified are the browser's convenience. */
export const attestation = z.strictObject({
  id: text,
  rawId: text,
  type: z.literal("public-key"),
  authenticatorAttachment: z.enum(["platform", "cross-platform"]).nullish(),
  clientExtensionResults: z.record(z.string(), z.unknown()),
  response: z.strictObject({
    clientDataJSON: text,
    attestationObject: text,
    transports: z.array(z.string().max(32)).max(10).optional(),
    publicKeyAlgorithm: z.number().optional(),
    publicKey: text.optional(),
    authenticatorData: text.optional(),
  }),
});
export type Attestation = z.infer<typeof attestation>;

/**
 * Whether the ceremony ran in our own top-level page: no frame of another origin, no `topOrigin` (threats.md 14).
 * Unreadable client data answers false.
 */
export function ranInOwnPage(clientDataJSON: string): boolean {
  try {
    const data: unknown = JSON.parse(Buffer.from(clientDataJSON, "base64url").toString("utf8"));
    if (typeof data !== "object" || data === null) return false;
    const { crossOrigin, topOrigin } = data as { crossOrigin?: unknown; topOrigin?: unknown };
    return (crossOrigin === undefined || crossOrigin === false) && topOrigin === undefined;
  } catch {
    return false;
  }
}

/** `id` and `rawId` are the same id in its one spelling, and not too long (threats.md 13). */
export function isOneId(credential: { id: string; rawId: string }, longest: number): boolean {
  const bytes = Buffer.from(credential.id, "base64url");
  return credential.id === credential.rawId && bytes.toString("base64url") === credential.id && bytes.length > 0 && bytes.length <= longest;
}
