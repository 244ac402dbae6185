import type { Tx } from "@/db/client";
import { mailTo } from "@/lib/notices/outbox";
import { readAdministrators } from "@/lib/people/administrators";
import type { Person } from "@/lib/people/person";
import { demandSecondFactor } from "@/lib/security/deadline/demand";

/** What follows a new version: deadlines for whom it demands a second factor of, and a mail to who administers. */
export async function takeEffect(
  tx: Tx,
  person: Pick<Person, "name" | "email">,
  version: number,
  reason: string,
): Promise<void> {
  await demandSecondFactor(tx);
  const body = `${person.name} (${person.email}) changed Keyturn's policy: version ${version} is in force. Reason given: ${reason}

What it changed is on the page Policy. If this is not what you expect, talk to ${person.name}.`;
  for (const { id, email } of await readAdministrators(tx))
    await mailTo(
      tx,
      { personId: id, email },
      { kind: "policy-changed", subject: "The policy was changed", body },
    );
}
