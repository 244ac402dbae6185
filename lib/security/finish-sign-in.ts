import { and, eq, inArray, isNotNull } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/client";
import { passwordAttempts, type SignInRisk, sessions } from "@/db/schema/sessions";
import { defineCommand } from "@/lib/command";
import { noticeTo } from "@/lib/notices/outbox";
import type { Person } from "@/lib/people/person";
import { failuresOf } from "@/lib/session/password-failures";
import { trustDays, trustDevice } from "@/lib/session/trusted-devices";
import type { SessionFacts } from "@/lib/step-up/facts";
import { consumeGrant } from "@/lib/step-up/grant";
import { deviceName } from "./device-name";

/**
 * The second factor of a sign-in that waits for one: from here on the session is open. Its secret was replaced with the
 * proof, and a cookie from before it goes on opening nothing (lib/session/rotation.ts).
 */
export const finishSignIn = defineCommand({
  name: "session.finish-sign-in",
  input: z.strictObject({ trustDevice: z.boolean() }),
  subject: async (_read, person) => person,
  record: () => null,
  prompt: (_person, input) => ({
    purpose: input.trustDevice
      ? `to sign in, and not to be asked on this device for ${trustDays} days`
      : "to sign in",
    verb: "Sign in",
    changes: [],
  }),
  async run(tx, grant, input, { person, facts }) {
    await consumeGrant(tx, grant, "session.finish-sign-in", null);
    const awaited = facts.awaits ?? [];
    await open(tx, facts.sessionId);
    await forgiveFailures(tx, person, facts, awaited);
    const trusted = input.trustDevice && facts.deviceHash !== null;
    if (trusted) await trust(tx, person, facts);
    return { data: null, detail: { awaited, ...(trusted ? { trustedDays: trustDays } : {}) } };
  },
});

/** In two tabs at once both are answered, and the second one finds it open. */
async function open(tx: Tx, sessionId: string): Promise<void> {
  await tx
    .update(sessions)
    .set({ awaits: null })
    .where(and(eq(sessions.id, sessionId), isNotNull(sessions.awaits)));
}

/** The owner was there: wrong passwords of this device are over, and strangers' where this device was one of them. */
async function forgiveFailures(
  tx: Tx,
  { email }: Person,
  { deviceHash }: SessionFacts,
  awaited: readonly SignInRisk[],
): Promise<void> {
  const counted = [
    ...(deviceHash ? [failuresOf(email, deviceHash)] : []),
    ...(awaited.includes("new-device") ? [failuresOf(email, null)] : []),
  ];
  if (counted.length > 0)
    await tx.delete(passwordAttempts).where(inArray(passwordAttempts.accountHash, counted));
}

async function trust(tx: Tx, person: Person, { deviceHash, sessionId }: SessionFacts): Promise<void> {
  const [row] = await tx
    .select({ userAgent: sessions.userAgent })
    .from(sessions)
    .where(eq(sessions.id, sessionId));
  const userAgent = row?.userAgent ?? "";
  await trustDevice(tx, { personId: person.id, deviceHash: deviceHash ?? "", userAgent });
  await noticeTo(
    tx,
    person,
    {
      kind: "device-trusted",
      subject: "A device signs in with your password alone",
      body: `Keyturn asks for no second factor at sign-in in ${deviceName(userAgent)} for ${trustDays} days. Sensitive work still asks for one. You can take this back under Security, Trusted devices.`,
    },
    { did: "signed-in" },
  );
}
