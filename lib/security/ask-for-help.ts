import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/client";
import { helpRequests } from "@/db/schema/help-requests";
import { people } from "@/db/schema/people";
import { defineCommand } from "@/lib/command";
import { mailTo } from "@/lib/notices/outbox";
import { isOpenAccount } from "@/lib/people/administrators";
import type { Person } from "@/lib/people/person";
import { protectedActions } from "@/lib/protected-actions";
import { takeTurn } from "@/lib/step-up/attempts";
import { consumeGrant } from "@/lib/step-up/grant";

const names = Object.keys(protectedActions) as [string, ...string[]];

/** "I can't use any of these", and no recovery code either: the administrators are asked, once a day. */
export const askForHelp = defineCommand({
  name: "security.ask-for-help",
  input: z.strictObject({ action: z.enum(names) }),
  subject: async (_read, person) => person,
  record: (person) => ({ type: "person", id: person.id, version: null }),
  prompt: () => ({ purpose: "to ask an administrator", verb: "Ask", changes: [] }),
  async run(tx, grant, { action }, { person, facts }) {
    await takeTurn(tx, facts.userId);
    await consumeGrant(tx, grant, "security.ask-for-help", facts.userId);
    if (!(await askedToday(tx, person.id))) {
      await tx.insert(helpRequests).values({ personId: person.id, action });
      await tellAdministrators(tx, person);
    }
    return { data: null, detail: { for: action } };
  },
});

async function askedToday(tx: Tx, personId: string): Promise<boolean> {
  const open = await tx
    .select({ id: helpRequests.id })
    .from(helpRequests)
    .where(
      and(
        eq(helpRequests.personId, personId),
        isNull(helpRequests.resolvedAt),
        sql`${helpRequests.createdAt} > now() - interval '24 hours'`,
      ),
    );
  return open.length > 0;
}

async function tellAdministrators(tx: Tx, person: Person): Promise<void> {
  const administrators = await tx
    .select({ personId: people.id, email: people.email })
    .from(people)
    .where(and(eq(people.role, "administrator"), isOpenAccount()));
  for (const to of administrators) {
    await mailTo(tx, to, {
      kind: "help-requested",
      subject: `${person.name} can't use their second factor`,
      body: `${person.name} (${person.email}) asks for help: none of their authenticators is at hand. Make sure that it is them before you do anything, by a call or in person.`,
    });
  }
}
