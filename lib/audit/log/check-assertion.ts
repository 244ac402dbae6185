import { verifyAuthenticationResponse } from "@simplewebauthn/server";
import { z } from "zod";
import { webauthnChallengeOf } from "@/lib/platform/webauthn-challenge";
import type { Opening } from "../opening";

/** A passkey's signature as a row keeps it (base64url). */
export const assertion = z.object({
  credentialId: z.string(),
  publicKey: z.string(),
  clientDataJSON: z.string(),
  authenticatorData: z.string(),
  signature: z.string(),
});
export type KeptAssertion = z.infer<typeof assertion>;

/** A passkey as the log saw it enrolled. */
export const credential = z.object({ credentialId: z.string(), publicKey: z.string() });
export type EnrolledCredential = z.infer<typeof credential>;

export type RelyingPartyOfLog = { id: string; origin: string };

/**
 * Checks a kept signature again, with the public key as the log saw it enrolled: by a person who was verified, at this
 * origin, over the challenge of exactly what the row tells. Where that is erased or not at hand, over whatever it was.
 * Answers what is wrong, or null.
 */
export async function faultOfAssertion(
  kept: KeptAssertion,
  enrolled: EnrolledCredential | undefined,
  opening: Opening | null,
  rp: RelyingPartyOfLog,
): Promise<string | null> {
  if (!enrolled) return "it was signed by a passkey that this log never saw enrolled";
  if (enrolled.credentialId !== kept.credentialId || enrolled.publicKey !== kept.publicKey)
    return "it was signed by another key than the one that was enrolled";
  const expected = opening ? challengeOf(opening) : null;
  if (opening && !expected) return "it keeps a signature, and not what was signed";
  const { credentialId: id, clientDataJSON, authenticatorData, signature } = kept;
  try {
    const { verified } = await verifyAuthenticationResponse({
      response: {
        id,
        rawId: id,
        type: "public-key",
        clientExtensionResults: {},
        response: { clientDataJSON, authenticatorData, signature },
      },
      expectedChallenge: expected ?? (() => true),
      expectedOrigin: pageOrigin(clientDataJSON, rp),
      expectedRPID: rp.id,
      requireUserVerification: true,
      credential: { id, publicKey: new Uint8Array(Buffer.from(enrolled.publicKey, "base64url")), counter: 0 },
    });
    return verified === true ? null : "the passkey's signature does not fit what it tells";
  } catch {
    return "the passkey's signature does not fit what it tells";
  }
}

/**
 * The origin that a signature names, where it is one of this relying party's: it was compared with the app's when the
 * signature came, and the app may have moved to another port since. Else today's, which will not fit.
 */
export function pageOrigin(clientDataJSON: string, rp: RelyingPartyOfLog): string {
  try {
    const { origin } = JSON.parse(Buffer.from(clientDataJSON, "base64url").toString("utf8"));
    const { hostname } = new URL(origin);
    return hostname === rp.id || hostname.endsWith(`.${rp.id}`) ? String(origin) : rp.origin;
  } catch {
    return rp.origin;
  }
}

function challengeOf({ nonce, digest }: Opening): string | null {
  if (!nonce || !digest) return null;
  return webauthnChallengeOf(Buffer.from(nonce, "base64url"), digest).toString("base64url");
}
