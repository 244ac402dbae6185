import type { Tone } from "@/components/ui/notice";
import type { AuditOutcome } from "@/db/schema/audit";

export const outcomeWords: Record<AuditOutcome, { word: string; tone: Tone | undefined }> = {
  allowed: { word: "allowed", tone: "open" },
  refused: { word: "refused", tone: "danger" },
  cancelled: { word: "cancelled", tone: undefined },
  failed: { word: "failed", tone: "warn" },
};

const factorNames: Record<string, string> = {
  totp: "Authenticator app",
  passkey: "Passkey",
  password: "Password",
  "recovery-code": "Recovery code",
  "email-code": "Code by mail",
  "sms-code": "Code by SMS",
};

const factorArticles: Record<string, string> = {
  totp: "an authenticator app",
  passkey: "a passkey",
  password: "the password",
  "recovery-code": "a recovery code",
  "email-code": "a code by mail",
  "sms-code": "a code by SMS",
};

/** A factor in a sentence: "with a passkey". */
export function factorInWords(factor: string): string {
  return factorArticles[factor] ?? factor;
}

/** A factor as a heading or in a list. */
export function factorName(factor: string): string {
  return factorNames[factor] ?? factor;
}
