import { and, asc, eq, isNull } from "drizzle-orm";
import type { Reader } from "@/db/client";
import { authenticators, passkeys } from "@/db/schema/step-up";

export type OwnAuthenticator = {
  id: string;
  factor: "totp" | "passkey";
  name: string;
  createdAt: Date;
  lastUsedAt: Date | null;
  probationUntil: Date | null;
  /** Passkeys only: copied to the provider's other devices, or bound to this one. */
  synced: boolean | null;
};

/** A person's own authenticators, for their security page. No seed and no key leaves the database here. */
export async function readOwnAuthenticators(read: Reader, userId: string): Promise<OwnAuthenticator[]> {
  return read
    .select({
      id: authenticators.id,
      factor: authenticators.factor,
      name: authenticators.name,
      createdAt: authenticators.createdAt,
      lastUsedAt: authenticators.lastUsedAt,
      probationUntil: authenticators.probationUntil,
      synced: passkeys.backedUp,
    })
    .from(authenticators)
    .leftJoin(passkeys, eq(passkeys.authenticatorId, authenticators.id))
    .where(and(eq(authenticators.userId, userId), isNull(authenticators.removedAt)))
    .orderBy(asc(authenticators.createdAt));
}
