import { eq } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { people } from "@/db/schema/people";
import { channelsOf } from "@/lib/notices/channels";
import { deliveryOf } from "@/lib/notices/delivery";
import type { Environment } from "@/lib/platform/env";
import { maskedEmail, maskedNumber } from "@/lib/platform/masked";
import type { Secrets } from "@/lib/platform/secrets";
import { createPasskeyFactor } from "@/lib/step-up/factors/passkey/passkey";
import type { RelyingParty } from "@/lib/step-up/factors/passkey/relying-party";
import { createPasswordFactor } from "@/lib/step-up/factors/password/password";
import { createRecoveryCodeFactor } from "@/lib/step-up/factors/recovery-code/recovery-code";
import { createRegistry, type Registry } from "@/lib/step-up/factors/registry";
import { createSentCodeFactor } from "@/lib/step-up/factors/sent-code/sent-code";
import { createTotpFactor } from "@/lib/step-up/factors/totp/totp";

/** What authenticator apps and passkey managers show as the name of this app. */
export const issuer = "Keyturn";

export function relyingParty(env: Pick<Environment, "rpId" | "origin">): RelyingParty {
  return { id: env.rpId, name: issuer, origin: env.origin };
}

/** The factors of this app, one line each. */
export function factors(
  env: Pick<Environment, "rpId" | "origin" | "demo" | "smtpUrl" | "twilio">,
  secrets: Pick<Secrets, "encryptionKeys">,
): Registry {
  return createRegistry({
    password: createPasswordFactor(readPasswordHash),
    totp: createTotpFactor(secrets.encryptionKeys),
    passkey: createPasskeyFactor(relyingParty(env)),
    "recovery-code": createRecoveryCodeFactor(),
    "email-code": createSentCodeFactor(secrets.encryptionKeys, {
      factor: "email-code",
      available: channelsOf(env).mail,
      masked: maskedEmail,
      deliveryOf,
    }),
    "sms-code": createSentCodeFactor(secrets.encryptionKeys, {
      factor: "sms-code",
      available: channelsOf(env).sms,
      masked: maskedNumber,
      deliveryOf,
    }),
  });
}

async function readPasswordHash(read: Reader, userId: string): Promise<string | null> {
  const [row] = await read.select({ hash: people.passwordHash }).from(people).where(eq(people.id, userId));
  return row?.hash ?? null;
}
