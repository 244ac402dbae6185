import { activatePasskey, openEnrolment } from "@/lib/security/enrol";
import { passkeyAnswer } from "@/lib/step-up/factors/passkey/software-answer";
import { SoftwareAuthenticator } from "@/lib/step-up/factors/passkey/software-authenticator";
import { type Browser, challengeOf, dataOf, type Proof } from "./pipeline";

const origin = "http://localhost:3000";

/**
 * Adds a passkey to the browser's person the way the app does; their authenticator app vouches for it, or what `prove`
 * answers with.
 */
export async function enrolsAPasskey(
  browser: Browser,
  prove?: (asked: Parameters<typeof challengeOf>[0]) => Proof,
): Promise<SoftwareAuthenticator> {
  const device = new SoftwareAuthenticator("es256", { synced: true });
  const wanted = { factor: "passkey" as const };
  const offer = dataOf(
    prove
      ? await browser.calls(openEnrolment, wanted, {
          proof: prove(await browser.calls(openEnrolment, wanted)),
        })
      : await browser.stepsUp(openEnrolment, wanted),
  );
  const { challenge, rp } = offer.passkey.creation as { challenge: string; rp: { id: string } };
  const response = JSON.stringify(
    device.register({ challenge: Buffer.from(challenge, "base64url"), rpId: rp.id, origin }),
  );
  dataOf(await browser.calls(activatePasskey, { enrolmentId: offer.enrolmentId, response }));
  return device;
}

/** What the device answers to a refusal's challenge. */
export function answersWithPasskey(
  browser: Browser,
  device: SoftwareAuthenticator,
  result: Parameters<typeof challengeOf>[0],
): Proof {
  const answer = passkeyAnswer(device, challengeOf(result), origin);
  if (!answer) throw new Error("no passkey was asked for");
  return browser.answers(result, "passkey", answer);
}
