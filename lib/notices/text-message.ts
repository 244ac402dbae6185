import { sql } from "drizzle-orm";
import { z } from "zod";
import type { Tx } from "@/db/client";
import { outbox } from "@/db/schema/outbox";
import { seal } from "@/lib/platform/key-ring";
import { maskedNumber } from "@/lib/platform/masked";
import { secrets } from "@/lib/platform/secrets";
import { bodyOf, mailPlace } from "./outbox";

/** What lies sealed in the outbox: a phone number tells as much of a person as the text. */
const content = z.strictObject({ number: z.string(), text: z.string() });
export type TextMessage = z.infer<typeof content>;

/** Puts a text message to a person into the outbox, in the transaction of what it tells of. Returns its id. */
export async function textTo(
  tx: Tx,
  personId: string,
  message: TextMessage & { kind: string; lifetimeSeconds: number },
): Promise<string> {
  const id = crypto.randomUUID();
  const { kind, lifetimeSeconds, number, text } = message;
  await tx.insert(outbox).values({
    id,
    personId,
    channel: "sms",
    recipient: maskedNumber(number),
    kind,
    subject: "Text message",
    sealedBody: seal(secrets().encryptionKeys, Buffer.from(JSON.stringify({ number, text })), mailPlace(id)),
    expiresAt: sql`now() + make_interval(secs => ${lifetimeSeconds})`,
  });
  return id;
}

/** The number and text of a row of the channel `sms`; null once they are gone. */
export function textMessageOf(
  row: Pick<typeof outbox.$inferSelect, "id" | "sealedBody">,
): TextMessage | null {
  const body = bodyOf(row);
  return body === null ? null : content.parse(JSON.parse(body));
}
