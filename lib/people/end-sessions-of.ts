import { and, eq, isNull } from "drizzle-orm";
import { z } from "zod";
import type { Reader } from "@/db/client";
import { sessions } from "@/db/schema/sessions";
import { mayAdminister } from "@/lib/access/access";
import { defineCommand } from "@/lib/command";
import { noticeTo } from "@/lib/notices/outbox";
import { deviceName } from "@/lib/security/device-name";
import { endAllSessions } from "@/lib/session/end-all-sessions";
import { distrustDevices } from "@/lib/session/trusted-devices";
import { consumeGrant } from "@/lib/step-up/grant";
import { Invalid } from "@/lib/step-up/refusal";
import { readAccount } from "./read-subject";

/** Signs a colleague out, of one session or all of them (ASVS v5.0.0-7.4.5). One's own are ended in one's settings. */
export const endSessionsOf = defineCommand({
  name: "admin.disable-user",
  input: z.strictObject({ personId: z.uuid(), which: z.union([z.literal("all"), z.uuid()]) }),
  async subject(read, person, { personId, which }) {
    if (!mayAdminister(person) || personId === person.id) return null;
    const account = await readAccount(read, personId);
    const words = account && (await whichWords(read, account.id, which));
    return account && words ? { account, words } : null;
  },
  names: ({ personId }) => ({ type: "person", id: personId }),
  record: ({ account }) => ({ type: "person", id: account.id, version: null }),
  prompt: ({ account, words }) => ({
    purpose: `to sign ${account.name} out of ${words}`,
    verb: "Sign out",
    changes: [{ label: "Account", from: null, to: account.email }],
  }),
  async run(tx, grant, { which }, { person, subject: { account, words } }) {
    await consumeGrant(tx, grant, "admin.disable-user", account.id);
    const ended = await endAllSessions(tx, account.id, "revoked", which === "all" ? {} : { only: which });
    // Whoever signs somebody out everywhere doubts their devices.
    const distrusted = which === "all" ? await distrustDevices(tx, account.id) : 0;
    if (ended + distrusted === 0) throw new Invalid({}, "They are signed out already.");
    await noticeTo(
      tx,
      account,
      {
        kind: "sessions-ended",
        subject: "You were signed out",
        body: `${person.name}, an administrator, signed you out of ${words === everySession ? "every session; none of your devices is trusted any more" : words}.`,
      },
      { did: "sessions-ended" },
    );
    return { data: { ended }, detail: { step: "signed-out", which, ended, distrusted } };
  },
});

const everySession = "every session, and trust none of their devices";

async function whichWords(read: Reader, personId: string, which: string): Promise<string | null> {
  if (which === "all") return everySession;
  const [row] = await read
    .select({ userAgent: sessions.userAgent })
    .from(sessions)
    .where(and(eq(sessions.id, which), eq(sessions.personId, personId), isNull(sessions.endedAt)));
  return row ? `the session in ${deviceName(row.userAgent)}` : null;
}
