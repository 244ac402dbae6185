import { and, eq, isNull } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { authenticators, passkeys, userHandles } from "@/db/schema/step-up";
import { relyingParty } from "@/lib/factors";
import type { Person } from "@/lib/people/person";
import { environment } from "@/lib/platform/env";
import type { EnrolledFactor } from "@/lib/step-up/facts";

export type OwnedAuthenticator = {
  id: string;
  name: string;
  factor: EnrolledFactor;
  credentialId: string | null;
};

/** An authenticator of this very person that was not removed; null for everything else. */
export async function readOwn(
  read: Reader,
  person: Person,
  authenticatorId: string,
): Promise<OwnedAuthenticator | null> {
  const [row] = await read
    .select({
      id: authenticators.id,
      name: authenticators.name,
      factor: authenticators.factor,
      credentialId: passkeys.credentialId,
    })
    .from(authenticators)
    .leftJoin(passkeys, eq(passkeys.authenticatorId, authenticators.id))
    .where(
      and(
        eq(authenticators.id, authenticatorId),
        eq(authenticators.userId, person.id),
        isNull(authenticators.removedAt),
      ),
    );
  return row ?? null;
}

/** What the browser's passkey manager is told after a change (WebAuthn L3 § 5.1.10, Signal API). */
export type PasskeySignal =
  | { kind: "unknown-credential"; rpId: string; credentialId: string }
  | { kind: "user-details"; rpId: string; userId: string; name: string; displayName: string };

/** This one credential is gone. Never a list of the accepted ones: an incomplete one would delete good passkeys. */
export function goneSignal(owned: Pick<OwnedAuthenticator, "credentialId">): PasskeySignal | null {
  if (owned.credentialId === null) return null;
  return {
    kind: "unknown-credential",
    rpId: relyingParty(environment()).id,
    credentialId: owned.credentialId,
  };
}

/** What the account is called now; null while it never had a passkey. */
export async function detailsSignal(read: Reader, person: Person): Promise<PasskeySignal | null> {
  const [row] = await read
    .select({ handle: userHandles.handle })
    .from(userHandles)
    .where(eq(userHandles.userId, person.id));
  if (!row) return null;
  return {
    kind: "user-details",
    rpId: relyingParty(environment()).id,
    userId: row.handle,
    name: person.email,
    displayName: person.name,
  };
}
