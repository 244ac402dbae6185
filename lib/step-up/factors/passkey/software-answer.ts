import type { Challenge } from "../../action-result";
import type { SoftwareAuthenticator } from "./software-authenticator";

/** FOR TESTS. What a passkey answers to a challenge at this origin; null where the challenge asks for none. */
export function passkeyAnswer(device: SoftwareAuthenticator, { factors }: Challenge, origin: string) {
  const asked = factors.find(({ factor }) => factor === "passkey");
  if (!asked) return null;
  const { request } = asked.options as { request: { challenge: string; rpId: string } };
  return device.assert({
    challenge: Buffer.from(request.challenge, "base64url"),
    rpId: request.rpId,
    origin,
  });
}
