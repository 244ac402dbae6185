import { type KeyRing, SealError, seal, unseal } from "@/lib/platform/key-ring";

/** What a destination is sealed for: its own authenticator of its own user. */
export function destinationPlace(userId: string, authenticatorId: string): string {
  return `keyturn destination v1:${userId}:${authenticatorId}`;
}

/** The same while it is being set up: its own ticket. */
export function ticketDestinationPlace(userId: string, enrolmentId: string): string {
  return `keyturn enrolment destination v1:${userId}:${enrolmentId}`;
}

export function sealDestination(ring: KeyRing, place: string, destination: string): string {
  return seal(ring, Buffer.from(destination), place);
}

/** The address or number; null where the key is missing, or somebody moved the row. */
export function openDestination(ring: KeyRing, place: string, sealed: string): string | null {
  try {
    return unseal(ring, sealed, place).toString("utf8");
  } catch (error) {
    if (error instanceof SealError) return null;
    throw error;
  }
}
