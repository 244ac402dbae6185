import { and, eq, inArray, isNotNull } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/client";
import { passwordAttempts, type SignInRisk, sessions } from "@/db/schema/sessions";
import { defineCommand } from "@/lib/command";
import { noticeTo } from "@/lib/notices/outbox";
import type { Person } from "@/lib/people/person";
import { deviceOf } from "@/lib/session/device";
import { failuresOf } from "@/lib/session/password-failures";
import { holdSessions, renameDevice, trustDays, trustDevice } from "@/lib/session/trusted-devices";
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
  async run(tx, grant, input, { person, facts, factor, proved }) {
    await consumeGrant(tx, grant, "session.finish-sign-in", null);
    const awaited = facts.awaits ?? [];
    // Whoever reads a mailbox for a moment would else need it no more for a month; and a proof of this minute for
    // something else told nobody of 30 days.
    const strong = proved && factor !== null && !sentCodeFactors.includes(factor);
    const trusts = input.trustDevice && strong && facts.deviceHash !== null;
    if (trusts) await holdSessions(tx, person.id);
    const opened = await open(tx, facts.sessionId);
    if (!opened) return { data: null, detail: { awaited } };
    await forgiveFailures(tx, person, facts, awaited);
    const device = trusts ? await trust(tx, person, facts, opened) : undefined;
    return {
      data: null,
      detail: { awaited, ...(device ? { trustedDays: trustDays } : {}) },
      ...(device ? { device } : {}),
    };
  },
});

type Opened = Pick<typeof sessions.$inferSelect, "userAgent" | "deviceHash" | "lockEpoch" | "endedAt">;

/**
 * Opens the session, whose row is held from here on: what it says now stays so. null: it waited for nothing. In two tabs
 * at once both are answered, and the second one finds it open.
 */
async function open(tx: Tx, sessionId: string): Promise<Opened | null> {
  const [opened] = await tx
    .update(sessions)
    .set({ awaits: null })
    .where(and(eq(sessions.id, sessionId), isNotNull(sessions.awaits)))
    .returning({
      userAgent: sessions.userAgent,
      deviceHash: sessions.deviceHash,
      lockEpoch: sessions.lockEpoch,
      endedAt: sessions.endedAt,
    });
  return opened ?? null;
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
 * session's row is held: a change of factors that came meanwhile ends this, one that comes now ends the trust.
 */
async function trust(
  tx: Tx,
  person: Person,
  facts: SessionFacts,
  { userAgent, deviceHash, lockEpoch, endedAt }: Opened,
): Promise<string> {
  if (!deviceHash || endedAt || lockEpoch !== facts.lockEpoch)
    throw new GrantRefused("the session was locked, or its device forgotten");
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
