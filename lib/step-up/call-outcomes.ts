import { createHmac } from "node:crypto";
import canonicalize from "canonicalize";
import { and, eq } from "drizzle-orm";
import type { Reader, Tx } from "@/db/client";
import { callOutcomes } from "@/db/schema/step-up";
import { deriveKey, type KeyRing, seal, unseal } from "@/lib/platform/key-ring";
import type { ActionResult } from "./action-result";

/**
 * One click. A repeat (the answer was lost on the way, or the button was pressed twice) has the same id, session
 * and content; the words of the prompt are left out, since they tell what the first call has already changed.
 */
export type CallKey = { sessionId: string; callId: string; action: string; digest: string };

/** The digest is under a key that the database does not hold: nobody tries there what an erased customer's IBAN was. */
export function callKey(
  [current]: KeyRing,
  call: { sessionId: string; callId: string; action: string; input: unknown },
): CallKey {
  if (!current) throw new Error("The key ring is empty");
  const { sessionId, callId, action, input } = call;
  const digest = createHmac("sha256", deriveKey(current.key, "call digest"))
    .update(canonicalize({ action, sessionId, input }) ?? "")
    .digest("hex");
  return { sessionId, callId, action, digest };
}

/** Claims the call id in the change's transaction; a parallel repeat waits here until the first one has ended. */
export async function claimCall(tx: Tx, key: CallKey): Promise<boolean> {
  const claimed = await tx
    .insert(callOutcomes)
    .values({ ...key, sealedResult: "" })
    .onConflictDoNothing()
    .returning({ callId: callOutcomes.callId });
  return claimed.length === 1;
}

/** Whether no transaction has claimed the call id and come to its end; one that is at it is waited for. */
export async function isUnclaimed(tx: Tx, key: CallKey): Promise<boolean> {
  const claimed = await claimCall(tx, key);
  if (claimed) await tx.delete(callOutcomes).where(sameCall(key));
  return claimed;
}

/**
 * Keeps what the call was answered, to be handed to a repeat. Sealed: an answer may hold a setup key or recovery
 * codes, and nothing in the database may sign anyone in.
 */
export async function keepOutcome(
  tx: Tx,
  ring: KeyRing,
  key: CallKey,
  result: ActionResult<unknown>,
): Promise<void> {
  const sealedResult = seal(ring, Buffer.from(JSON.stringify(result)), outcomePlace(key));
  await tx.update(callOutcomes).set({ sealedResult }).where(sameCall(key));
}

/** What the same call was answered before; null when it is new (threats.md 7c). */
export async function earlierOutcome<Data>(
  read: Reader,
  ring: KeyRing,
  key: CallKey,
): Promise<ActionResult<Data> | null> {
  const [earlier] = await read
    .select({ sealed: callOutcomes.sealedResult })
    .from(callOutcomes)
    .where(sameCall(key));
  if (!earlier) return null;
  return JSON.parse(unseal(ring, earlier.sealed, outcomePlace(key)).toString("utf8")) as ActionResult<Data>;
}

/** What an outcome is sealed for: its own call. */
export function outcomePlace(key: Pick<CallKey, "sessionId" | "callId">): string {
  return `keyturn outcome v1:${key.sessionId}:${key.callId}`;
}

function sameCall(key: CallKey) {
  return and(
    eq(callOutcomes.sessionId, key.sessionId),
    eq(callOutcomes.callId, key.callId),
    eq(callOutcomes.action, key.action),
    eq(callOutcomes.digest, key.digest),
  );
}
