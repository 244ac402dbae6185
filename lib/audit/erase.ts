import { eq, inArray, or } from "drizzle-orm";
import type { Tx } from "@/db/client";
import { contracts, customers } from "@/db/schema/customers";
import { evidence, grants } from "@/db/schema/step-up";
import { recordUnproved } from "./record";
import { eraseSubjectKeys } from "./subject-keys";

/**
 * Erases for good what the log tells of a customer and its contracts; rows, hashes and signatures stay, and the log
 * fits as before (lib/audit/opening.ts). The record itself is not touched. Answers null where there is no such customer.
 */
export async function eraseFromLog(
  tx: Tx,
  { number, reason }: { number: string; reason: string },
): Promise<{ name: string; keys: number } | null> {
  const [customer] = await tx
    .select({ id: customers.id, name: customers.name })
    .from(customers)
    .where(eq(customers.number, number));
  if (!customer) return null;
  const own = await tx
    .select({ id: contracts.id })
    .from(contracts)
    .where(eq(contracts.customerId, customer.id));
  let keys = await eraseSubjectKeys(tx, { type: "customer", id: customer.id });
  for (const { id } of own) keys += await eraseSubjectKeys(tx, { type: "contract", id });
  await forgetProofs(tx, [customer.id, ...own.map(({ id }) => id)]);
  await recordUnproved(tx, {
    actorId: null,
    action: "audit.erase",
    address: null,
    record: { type: "customer", id: customer.id },
    // The contracts by id: whoever checks the log knows from it alone whose keys may be gone.
    detail: { reason, keys, contracts: own.map(({ id }) => id) },
  });
  return { name: customer.name, keys };
}

/** What was confirmed lately has a bare digest here, against which somebody could try guesses. */
async function forgetProofs(tx: Tx, recordIds: string[]): Promise<void> {
  const used = await tx
    .delete(grants)
    .where(inArray(grants.recordId, recordIds))
    .returning({ evidenceId: grants.evidenceId });
  if (used.length === 0) return;
  await tx
    .update(evidence)
    .set({ digest: "", signed: null })
    .where(or(...used.map(({ evidenceId }) => eq(evidence.id, evidenceId))));
}
