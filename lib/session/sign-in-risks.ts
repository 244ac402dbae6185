import { inArray, sql } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { passwordAttempts, type SignInRisk } from "@/db/schema/sessions";
import type { SignInMode } from "@/lib/policy/document";
import { readPolicy } from "@/lib/policy/versions";
import { unusualFromAddress } from "./address-limit";
import { failuresOf } from "./password-failures";
import { readStanding } from "./trusted-devices";

/** From so many wrong passwords on within a day, a sign-in is unusual: once or twice is a slip of the hand. */
export const unusualFailures = 3;

export type SignInFacts = {
  newDevice: boolean;
  failures: number;
  /** Wrong passwords from its address over all accounts, where it is a strange device. */
  fromAddress?: number;
  trusted: boolean;
};

/**
 * Why a sign-in waits for a second factor; null: it doesn't. A trusted device makes up for being asked always and for
 * being new, never for guessed passwords: a copy of its cookie may be what the guesser has. Pure.
 */
export function risksOf(
  mode: SignInMode,
  { newDevice, failures, fromAddress = 0, trusted }: SignInFacts,
): SignInRisk[] | null {
  if (mode === "never") return null;
  const risks: SignInRisk[] = [];
  if (mode === "always" && !trusted) risks.push("always");
  if (newDevice && !trusted) risks.push("new-device");
  if (failures >= unusualFailures || fromAddress >= unusualFromAddress) risks.push("after-failures");
  return risks.length > 0 ? risks : null;
}

type Beginning = {
  id: string;
  email: string;
  deviceHash: string;
};

/** What a session that begins now waits for, by the policy in force. */
export async function readRisks(
  tx: Tx,
  { id, email, deviceHash }: Beginning,
  /** What this very sign-in counted; wrong passwords that came from its address, over all accounts. */
  { own, fromAddress } = { own: 0, fromAddress: 0 },
): Promise<{ awaits: SignInRisk[] | null; trusted: boolean }> {
  const mode = await readMode(tx);
  if (mode === "never") return { awaits: null, trusted: false };
  // Read here, and not before the password was compared: what ended trust meanwhile counts.
  const { trusted, known } = await readStanding(tx, { personId: id, deviceHash });
  const failures = (await readFailures(tx, email, deviceHash)) - own;
  return { awaits: risksOf(mode, { newDevice: !known, failures, fromAddress, trusted }), trusted };
}

/** A policy that cannot be read asks always: falling back to never would open what it may keep shut. */
async function readMode(tx: Tx): Promise<SignInMode> {
  const policy = await readPolicy(tx).catch(() => null);
  return policy?.document.signIn ?? "always";
}

/** Wrong passwords of the last day, on this device and on strangers'. */
async function readFailures(tx: Tx, email: string, deviceHash: string): Promise<number> {
  const counted = [failuresOf(email, null), failuresOf(email, deviceHash)];
  const [row] = await tx
    .select({ failures: sql<number>`coalesce(sum(${passwordAttempts.failures}), 0)::int` })
    .from(passwordAttempts)
    .where(
      sql`${inArray(passwordAttempts.accountHash, counted)} and ${passwordAttempts.lastFailedAt} > now() - interval '1 day'`,
    );
  return row?.failures ?? 0;
}
