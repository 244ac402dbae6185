import { eq } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { people } from "@/db/schema/people";
import type { Environment } from "@/lib/platform/env";
import type { Secrets } from "@/lib/platform/secrets";
import { createPasskeyFactor } from "@/lib/step-up/factors/passkey/passkey";
import type { RelyingParty } from "@/lib/step-up/factors/passkey/relying-party";
import { createPasswordFactor } from "@/lib/step-up/factors/password/password";
import { createRecoveryCodeFactor } from "@/lib/step-up/factors/recovery-code/recovery-code";
import { createRegistry, type Registry } from "@/lib/step-up/factors/registry";
import { createTotpFactor } from "@/lib/step-up/factors/totp/totp";

/** What authenticator apps and passkey managers show as the name of this app. */
export const issuer = "Keyturn";

export function relyingParty(env: Pick<Environment, "rpId" | "origin">): RelyingParty {
  return { id: env.rpId, name: issuer, origin: env.origin };
}

/** The factors of this app, one line each. */
export function factors(
  env: Pick<Environment, "rpId" | "origin">,
  secrets: Pick<Secrets, "encryptionKeys">,
): Registry {
  return createRegistry({
    password: createPasswordFactor(readPasswordHash),
    totp: createTotpFactor(secrets.encryptionKeys),
    passkey: createPasskeyFactor(relyingParty(env)),
    "recovery-code": createRecoveryCodeFactor(),
  });
}

async function readPasswordHash(read: Reader, userId: string): Promise<string | null> {
  const [row] = await read.select({ hash: people.passwordHash }).from(people).where(eq(people.id, userId));
  return row?.hash ?? null;
}
