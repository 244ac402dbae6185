import type { Reader } from "@/db/client";
import { nobodyFor, nobodyWords, readApprovers } from "@/lib/approvals/approvers";
import type { Person } from "@/lib/people/person";
import { Invalid } from "@/lib/step-up/refusal";
import { type Difference, loosens } from "./compare";

/** What loosens needs somebody who can approve it. Throws Invalid in words: nobody is asked for a proof in vain. */
export async function requireApprover(
  read: Reader,
  person: Person,
  changes: readonly Difference[],
): Promise<void> {
  if (!loosens(changes)) return;
  const ask = { askedBy: person.id, target: null };
  const nobody = nobodyFor(await readApprovers(read), "loosen-policy", ask);
  if (nobody) throw new Invalid({}, nobodyWords(nobody));
}
