import { and, eq, isNull } from "drizzle-orm";
import { z } from "zod";
import type { Reader } from "@/db/client";
import { sessions } from "@/db/schema/sessions";
import { defineCommand } from "@/lib/command";
import { noticeTo } from "@/lib/notices/outbox";
import type { Person } from "@/lib/people/person";
import { endAllSessions } from "@/lib/session/end-all-sessions";
import { consumeGrant } from "@/lib/step-up/grant";
import { Invalid } from "@/lib/step-up/refusal";
import { deviceName } from "./device-name";

/** Signs out one of one's own sessions elsewhere, or all of them but this one (ASVS v5.0.0-7.5.2). */
export const endSessions = defineCommand({
  name: "security.end-sessions",
  input: z.strictObject({ which: z.union([z.literal("others"), z.uuid()]) }),
  subject: (read, person, { which }) => readTarget(read, person, which),
  record: (target) => ({ type: "person", id: target.personId, version: null }),
  prompt: (target) => ({ purpose: `to sign out ${target.words}`, verb: "Sign out", changes: [] }),
  async run(tx, grant, { which }, { person, facts, subject }) {
    await consumeGrant(tx, grant, "security.end-sessions", facts.userId);
    if (which === facts.sessionId) throw new Invalid({}, "This is the session you are in: use Sign out.");
    const ended = await endAllSessions(tx, person.id, "revoked", {
      keep: facts.sessionId,
      ...(which === "others" ? {} : { only: which }),
    });
    if (ended > 0) {
      await noticeTo(
        tx,
        person,
        {
          kind: "sessions-ended",
          subject: ended === 1 ? "A session was signed out" : `${ended} sessions were signed out`,
          body: `Signed out of Keyturn: ${subject.words}.`,
        },
        { did: "sessions-ended" },
      );
    }
    return { data: { ended }, detail: { which, ended } };
  },
});

type Target = { personId: string; words: string };

async function readTarget(read: Reader, person: Person, which: string): Promise<Target | null> {
  if (which === "others") return { personId: person.id, words: "your other sessions" };
  const [row] = await read
    .select({ userAgent: sessions.userAgent })
    .from(sessions)
    .where(and(eq(sessions.id, which), eq(sessions.personId, person.id), isNull(sessions.endedAt)));
  return row ? { personId: person.id, words: `the session in ${deviceName(row.userAgent)}` } : null;
}
