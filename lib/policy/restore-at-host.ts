import type { Tx } from "@/db/client";
import { waitsForTurnOf } from "@/db/turn";
import { recordUnproved } from "@/lib/audit/record";
import { Invalid } from "@/lib/step-up/refusal";
import { differences } from "./compare";
import { fingerprintOf } from "./fingerprint";
import { problemsOf } from "./problems";
import { takeEffect } from "./take-effect";
import { readNewest, readPolicy, readVersion, writeVersion } from "./versions";

/**
 * Break-glass, for a policy that can't be read any more or under which nobody gets in: puts an earlier version in force,
 * 0 for the floors alone. It may loosen: whoever runs the host can write to the database anyway. Audited, and told to
 * every administrator. Throws Invalid with a sentence. Returns the new version's number.
 */
export async function restoreAtHost(
  tx: Tx,
  { version: restores, reason }: { version: number; reason: string },
): Promise<number> {
  await waitsForTurnOf(tx, "administer");
  const document = await readVersion(tx, restores);
  if (!document) throw new Invalid({}, `There is no version ${restores} of the policy.`);
  const [problem] = problemsOf(document);
  if (problem) throw new Invalid({}, problem);
  const before = await readPolicy(tx).catch(() => null);
  const changes = before && differences(before.document, document);
  const basedOn = await readNewest(tx);
  const version = await writeVersion(tx, { basedOn, document, reason, by: null, restores });
  await takeEffect(tx, { by: null, version, reason, changes });
  const sha256 = fingerprintOf(document);
  await recordUnproved(tx, {
    actorId: null,
    action: "admin.restore-policy",
    record: { type: "policy", id: "policy" },
    address: null,
    detail: { step: "in-force", version, restores, reason, changes, sha256 },
  });
  return version;
}
