import type { Tx } from "@/db/client";
import { mailTo } from "@/lib/notices/outbox";
import { readAdministrators } from "@/lib/people/administrators";
import type { Person } from "@/lib/people/person";
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

/** A change that nobody expects is seen by whoever did not make it. */
export async function tellAdministrators(
  tx: Tx,
  person: Pick<Person, "name" | "email">,
  version: number,
  reason: string,
): Promise<void> {
  const body = `${person.name} (${person.email}) changed Keyturn's policy: version ${version} is in force. Reason given: ${reason}

What it changed is on the page Policy. If this is not what you expect, talk to ${person.name}.`;
  for (const { id, email } of await readAdministrators(tx))
    await mailTo(
      tx,
      { personId: id, email },
      { kind: "policy-changed", subject: "The policy was changed", body },
    );
}
