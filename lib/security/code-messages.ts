import type { Tx } from "@/db/client";
import { mailTo } from "@/lib/notices/outbox";
import { textTo } from "@/lib/notices/text-message";
import type { Person } from "@/lib/people/person";
import { environment } from "@/lib/platform/env";
import { codeLifetimeSeconds } from "@/lib/step-up/factors/sent-code/codes";
import type { Channel } from "@/lib/step-up/factors/sent-code/sent-code";

export type CodeFactor = Channel["factor"];

export function isCodeFactor(factor: string): factor is CodeFactor {
  return factor === "email-code" || factor === "sms-code";
}

/** Whether a factor's codes leave here. */
export function sendsBy(channels: { mail: boolean; sms: boolean }, factor: CodeFactor): boolean {
  return factor === "sms-code" ? channels.sms : channels.mail;
}

/**
 * Writes the message that brings a code, and returns its id. It says no record's name: phone networks and mailboxes
 * read along.
 */
export async function writeCode(
  tx: Tx,
  person: Person,
  factor: CodeFactor,
  { destination, code, use }: { destination: string; code: string; use: "confirm" | "verify" },
): Promise<string> {
  const common = {
    kind: use === "confirm" ? "code" : "verification-code",
    lifetimeSeconds: codeLifetimeSeconds,
  };
  if (factor === "sms-code")
    return textTo(tx, person.id, { ...common, number: destination, text: textOf(code) });
  const subject = use === "confirm" ? "Your code to confirm it's you" : "Your code to set up codes by mail";
  return mailTo(tx, { personId: person.id, email: destination }, { ...common, subject, body: mailOf(code) });
}

function mailOf(code: string): string {
  return `${code} is your code. It works for ten minutes, in the window that asked for it, and nobody at Keyturn asks you for it.\n\nIf you didn't ask for it, somebody knows your password: change it.`;
}

/** The last line binds it to this app's address: phones fill it in here and nowhere else (WICG origin-bound codes). */
function textOf(code: string): string {
  const host = environment().rpId;
  return `${code} is your Keyturn code for 10 minutes. You didn't ask for it? Change your password.\n\n@${host} #${code}`;
}
