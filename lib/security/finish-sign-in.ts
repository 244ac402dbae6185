import { and, eq, inArray, isNotNull, isNull } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/client";
import { passwordAttempts, type SignInRisk, sessions } from "@/db/schema/sessions";
import { defineCommand } from "@/lib/command";
import { noticeTo } from "@/lib/notices/outbox";
import type { Person } from "@/lib/people/person";
import { deviceOf } from "@/lib/session/device";
import { failuresOf } from "@/lib/session/password-failures";
import { renameDevice, trustDays, trustDevice } from "@/lib/session/trusted-devices";
import { type SessionFacts, sentCodeFactors } from "@/lib/step-up/facts";
import { consumeGrant, GrantRefused } from "@/lib/step-up/grant";
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
  async run(tx, grant, input, { person, facts, factor }) {
    await consumeGrant(tx, grant, "session.finish-sign-in", null);
    const awaited = facts.awaits ?? [];
    await open(tx, facts.sessionId);
    await forgiveFailures(tx, person, facts, awaited);
    // Whoever reads a mailbox for a moment would else need it no more for a month.
    const strong = factor !== null && !sentCodeFactors.includes(factor);
    const trusted = input.trustDevice && strong && facts.deviceHash !== null;
    const device = trusted ? await trust(tx, person, facts) : undefined;
    return {
      data: null,
      detail: { awaited, ...(device ? { trustedDays: trustDays } : {}) },
      ...(device ? { device } : {}),
    };
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

/**
 * Trusts the device under a new value, so that no copy of its old cookie is trusted with it; returns that value. The
 * session's row is locked first: a change of factors that came meanwhile ends this, one that comes now ends the trust.
 */
async function trust(tx: Tx, person: Person, facts: SessionFacts): Promise<string> {
  const [session] = await tx
    .select({ userAgent: sessions.userAgent, deviceHash: sessions.deviceHash })
    .from(sessions)
    .where(
      and(
        eq(sessions.id, facts.sessionId),
        eq(sessions.lockEpoch, facts.lockEpoch),
        isNull(sessions.endedAt),
      ),
    )
    .for("update");
  if (!session?.deviceHash) throw new GrantRefused("the session was locked, or its device forgotten");
  const { userAgent, deviceHash } = session;
  const device = deviceOf(undefined);
  await renameDevice(tx, { personId: person.id, deviceHash, sessionId: facts.sessionId }, device.hash);
  await trustDevice(tx, { personId: person.id, deviceHash: device.hash, userAgent });
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
  return device.value;
}
