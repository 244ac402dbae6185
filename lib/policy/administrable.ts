import type { Tx } from "@/db/client";
import { Invalid } from "@/lib/step-up/refusal";
import type { PolicyDocument } from "./document";
import { problemsOf } from "./problems";
import { canConfirm, readAlike } from "./reach";

/** Throws Invalid in words where a policy can't be, or where no administrator could change it any more. */
export async function requireAdministrable(tx: Tx, document: PolicyDocument): Promise<void> {
  const [problem] = problemsOf(document);
  if (problem) throw new Invalid({}, problem);
  const groups = await readAlike(tx);
  const able = groups.some(
    (group) => group.role === "administrator" && canConfirm(document, group, "admin.change-policy"),
  );
  if (!able)
    throw new Invalid(
      {},
      "No administrator could change the policy any more: this would lock all of you out.",
    );
}
