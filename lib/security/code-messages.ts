import type { Tx } from "@/db/client";
import { mailTo, withdraw } from "@/lib/notices/outbox";
import { textTo } from "@/lib/notices/text-message";
import type { Person } from "@/lib/people/person";
import { environment } from "@/lib/platform/env";
import { maskedEmail, maskedNumber } from "@/lib/platform/masked";
import { parsePhoneNumber } from "@/lib/platform/phone-number";
import { secrets } from "@/lib/platform/secrets";
import { codeLifetimeSeconds, keepSentCode, newCode } from "@/lib/step-up/factors/sent-code/codes";
import type { Channel } from "@/lib/step-up/factors/sent-code/sent-code";
import type { SessionFacts } from "@/lib/step-up/facts";
import { Invalid } from "@/lib/step-up/refusal";

export type CodeFactor = Channel["factor"];

export function isCodeFactor(factor: string): factor is CodeFactor {
  return factor === "email-code" || factor === "sms-code";
}

/** Whether a factor's codes leave here. */
export function sendsBy(channels: { mail: boolean; sms: boolean }, factor: CodeFactor): boolean {
  return factor === "sms-code" ? channels.sms : channels.mail;
}

/** Where codes go. Mail to the account's own address: a free one would be a way around it. Throws Invalid in words. */
export function destinationOf(person: Person, factor: CodeFactor, typed: string | null): string {
  if (factor === "email-code") return person.email;
  const number = parsePhoneNumber(typed ?? "");
  if (number === null)
    throw new Invalid({ number: "Type the number with its country code, such as +49 170 1234567." });
  return number;
}

export function maskedDestination(factor: CodeFactor, destination: string): string {
  return factor === "sms-code" ? maskedNumber(destination) : maskedEmail(destination);
}

/** What a message says its code is for. `begin`: it joins the password at a first enrolment. */
type Use = "confirm" | "verify" | "try" | "begin";

/** `boundTo`: what the code is for (codes.ts). `authenticatorId`: whose it is; null while there is none yet. */
type Dispatched = {
  destination: string;
  use: Use;
  boundTo: string;
  authenticatorId?: string;
};

/**
 * Sends a new code and returns it: its message and what is needed to know it again are written together, or not at all,
 * and older messages for the same that have not gone out stay here. Whoever calls has taken the person's turn and looked
 * at the limits (sending.ts).
 */
export async function dispatchCode(
  tx: Tx,
  { userId, sessionId, knownDevice, person }: SessionFacts<Person>,
  factor: CodeFactor,
  { destination, use, boundTo, authenticatorId }: Dispatched,
): Promise<string> {
  const code = newCode();
  const messageId = await writeMessage(tx, person, factor, { destination, code, use });
  const superseded = await keepSentCode(
    tx,
    secrets().encryptionKeys,
    { userId, sessionId, boundTo },
    { code, destination, authenticatorId: authenticatorId ?? null, messageId, knownDevice },
  );
  await withdraw(tx, superseded);
  return code;
}

const mails: Record<Use, { kind: string; subject: string; body(code: string): string }> = {
  confirm: { kind: "code", subject: "Your code to confirm it's you", body: mailOf },
  verify: { kind: "verification-code", subject: "Your code to set up email codes", body: mailOf },
  try: {
    kind: "verification-code",
    subject: "A test: does mail from Keyturn arrive?",
    body: (code) =>
      `${code} is the code of your test. It works for ten minutes: type it on the Factors page to show that email codes arrive.\n\nIf you didn't ask for it, somebody else is using your account: change your password.`,
  },
  begin: {
    kind: "enrolment-code",
    subject: "Your code for setting up a second factor",
    body: (code) =>
      `${code} is your code. It works for ten minutes, on the screen that asked for it.\n\nIf you are not setting up a second factor, somebody knows your password: change it.`,
  },
};

/** It says no record's name: phone networks and mailboxes read along. Returns the message's id. */
async function writeMessage(
  tx: Tx,
  person: Person,
  factor: CodeFactor,
  { destination, code, use }: { destination: string; code: string; use: Use },
): Promise<string> {
  const { kind, subject, body } = mails[use];
  const common = { kind, lifetimeSeconds: codeLifetimeSeconds };
  if (factor === "sms-code")
    return textTo(tx, person.id, { ...common, number: destination, text: textOf(code) });
  return mailTo(tx, { personId: person.id, email: destination }, { ...common, subject, body: body(code) });
}

function mailOf(code: string): string {
  return `${code} is your code. It works for ten minutes, in the window that asked for it, and nobody at Keyturn asks you for it.\n\nIf you didn't ask for it, somebody knows your password: change it.`;
}

/** The last line binds it to this app's address: phones fill it in here and nowhere else (WICG origin-bound codes). */
function textOf(code: string): string {
  const host = environment().rpId;
  return `${code} is your Keyturn code for 10 minutes. You didn't ask for it? Change your password.\n\n@${host} #${code}`;
}
