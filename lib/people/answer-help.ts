import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import { helpRequests } from "@/db/schema/help-requests";
import { people } from "@/db/schema/people";
import { mayAdminister } from "@/lib/access/access";
import { defineCommand } from "@/lib/command";
import { mailTo } from "@/lib/notices/outbox";
import { consumeGrant } from "@/lib/step-up/grant";
import { Invalid } from "@/lib/step-up/refusal";

/** Notes that a request for help was dealt with, by whom, and tells who asked. Nobody answers their own. */
export const answerHelp = defineCommand({
  name: "admin.answer-help",
  input: z.strictObject({ requestId: z.uuid() }),
  async subject(read, person, { requestId }) {
    if (!mayAdminister(person)) return null;
    const [row] = await read
      .select({ id: helpRequests.id, personId: people.id, name: people.name, email: people.email })
      .from(helpRequests)
      .innerJoin(people, eq(people.id, helpRequests.personId))
      .where(and(eq(helpRequests.id, requestId), isNull(helpRequests.resolvedAt)));
    return row && row.personId !== person.id ? row : null;
  },
  names: ({ requestId }) => ({ type: "help-request", id: requestId }),
  record: ({ id }) => ({ type: "help-request", id, version: null }),
  prompt: ({ name, email }) => ({
    purpose: `to close the request for help of ${name}`,
    verb: "Mark as resolved",
    changes: [{ label: "Account", from: null, to: email }],
  }),
  async run(tx, grant, { requestId }, { person, subject: { personId, name, email } }) {
    await consumeGrant(tx, grant, "admin.answer-help", requestId);
    const resolved = await tx
      .update(helpRequests)
      .set({ resolvedAt: sql`now()`, resolvedBy: person.id })
      .where(and(eq(helpRequests.id, requestId), isNull(helpRequests.resolvedAt)))
      .returning({ id: helpRequests.id });
    if (resolved.length === 0) throw new Invalid({}, "Somebody else has dealt with it. Reload the page.");
    await mailTo(
      tx,
      { personId, email },
      {
        kind: "help-answered",
        subject: "Your request for help was answered",
        body: `Hello ${name},

${person.name} (${person.email}) marked your request for help as resolved. If you still can't confirm it's you, ask again from the prompt, or talk to ${person.name}.`,
      },
    );
    return { data: null, about: { type: "person", id: personId }, detail: { request: requestId } };
  },
});
