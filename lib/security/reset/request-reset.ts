import { and, eq, isNull, sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/client";
import { links } from "@/db/schema/links";
import { people } from "@/db/schema/people";
import { recordUnproved } from "@/lib/audit/record";
import { emailAddress } from "@/lib/people/email-address";
import { environment } from "@/lib/platform/env";
import { keepingOnly } from "@/lib/platform/keeping";
import { definePublicCommand } from "@/lib/public-command";
import { mailResetLink } from "./reset-link";

/** More would only fill a mailbox: whoever asks again has the earlier ones. */
const mailsAnHour = 3;
/** A person that nobody is. */
const nobody = "00000000-0000-4000-8000-000000000000";

/**
 * Asks for a mailed reset. Whether there is such an account, whether it is closed, and whether it had its mails this
 * hour, the answer is the same after the same statements (threats.md 23, ASVS v5.0.0-6.3.8): where nothing is to be
 * sent, all is written and rolled back.
 */
export const requestReset = definePublicCommand({
  name: "reset.request",
  input: z.strictObject({
    email: emailAddress,
  }),
  async run(tx, { email }, { address }) {
    // One request for an address at a time, or parallel ones would exceed the number of mails.
    await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`reset ${email}`}, 0))`);
    const person = await readAccount(tx, email);
    const mailed = await mailedThisHour(tx, person?.id ?? nobody);
    const sends = person !== null && mailed < mailsAnHour;
    await keepingOnly(sends, tx, async (inner) => {
      const personId = person?.id ?? null;
      await mailResetLink(
        inner,
        { personId, email },
        "Somebody, we hope you, asked to reset your password in Keyturn. If it was not you, do nothing: nothing has changed.",
      );
      await recordUnproved(inner, {
        actorId: personId,
        action: "reset.request",
        record: { type: "person", id: personId },
        address,
        detail: {},
      });
    });
    return { data: null };
  },
});

/** Closed accounts, and demo accounts where there is no demo, get no mail. */
async function readAccount(tx: Tx, email: string): Promise<{ id: string } | null> {
  const [person] = await tx
    .select({ id: people.id })
    .from(people)
    .where(
      and(
        eq(people.email, email),
        isNull(people.disabledAt),
        environment().demo ? undefined : eq(people.isDemo, false),
      ),
    );
  return person ?? null;
}

async function mailedThisHour(tx: Tx, personId: string): Promise<number> {
  const rows = await tx
    .select({ id: links.id })
    .from(links)
    .where(
      and(
        eq(links.purpose, "reset-password"),
        eq(links.personId, personId),
        sql`${links.createdAt} > now() - interval '1 hour'`,
      ),
    );
  return rows.length;
}
