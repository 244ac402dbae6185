import { z } from "zod";
import type { Reader } from "@/db/client";
import { defineCommand } from "@/lib/command";
import type { Person } from "@/lib/people/person";
import { distrustDevices, hashOf } from "@/lib/session/trusted-devices";
import { consumeGrant } from "@/lib/step-up/grant";

/** Takes back one's own trust in a device, or in all of them, known ones too: the next sign-in there asks again. */
export const removeTrustedDevices = defineCommand({
  name: "security.remove-trusted-devices",
  input: z.strictObject({ which: z.union([z.literal("all"), z.uuid()]) }),
  subject: (read, person, { which }) => readTarget(read, person, which),
  record: (person) => ({ type: "person", id: person.id, version: null }),
  prompt: () => ({ purpose: "to trust no device", verb: "Remove", changes: [] }),
  async run(tx, grant, { which }, { person }) {
    await consumeGrant(tx, grant, "security.remove-trusted-devices", person.id);
    const removed = await distrustDevices(tx, person.id, which === "all" ? undefined : which);
    return { data: { removed }, detail: { which, removed } };
  },
});

/** One's own alone: another person's device is not there. */
async function readTarget(read: Reader, person: Person, which: string): Promise<Person | null> {
  if (which === "all") return person;
  return (await hashOf(read, person.id, which)) === null ? null : person;
}
