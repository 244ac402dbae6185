import { createHash } from "node:crypto";
import { eq, inArray } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { passwordAttempts } from "@/db/schema/sessions";
import { deviceFactors } from "@/db/schema/step-up";
import { forgetAttempts } from "@/lib/step-up/attempts";

/**
 * Where failed passwords are counted: per account for strangers' devices, per device for known ones. Hashed, since
 * what was typed may be no account at all.
 */
export function failuresOf(email: string, knownDevice: string | null): string {
  const subject = knownDevice === null ? `account:${email}` : `device:${email}:${knownDevice}`;
  return createHash("sha256").update(subject).digest("hex");
}

/** With a new password, the failures of the old one are over: at sign-in and where the password is a factor. */
export async function forgiveFailures(tx: Tx, person: { id: string; email: string }): Promise<void> {
  const devices = await tx
    .select({ hash: deviceFactors.deviceHash })
    .from(deviceFactors)
    .where(eq(deviceFactors.userId, person.id));
  const counted = [null, ...devices.map(({ hash }) => hash)].map((device) =>
    failuresOf(person.email, device),
  );
  await tx.delete(passwordAttempts).where(inArray(passwordAttempts.accountHash, counted));
  await forgetAttempts(tx, person.id, "password");
}
