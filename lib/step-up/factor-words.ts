import type { FactorName } from "./facts";

type FactorWords = {
  /** As a heading or in a list: "Passkey"; of several: "Passkeys". */
  label: string;
  labels: string;
  /** In a sentence: "a passkey". */
  one: string;
  /** What a person sets up and has, in a sentence: one app, but codes again and again. */
  had: string;
};

/** What people call each factor, on every page, in prompts and in mails. The record is exhaustive. */
export const factorWords: Record<FactorName, FactorWords> = {
  password: { label: "Password", labels: "Passwords", one: "the password", had: "a password" },
  totp: {
    label: "Authenticator app",
    labels: "Authenticator apps",
    one: "an authenticator app",
    had: "an authenticator app",
  },
  passkey: { label: "Passkey", labels: "Passkeys", one: "a passkey", had: "a passkey" },
  "recovery-code": {
    label: "Recovery code",
    labels: "Recovery codes",
    one: "a recovery code",
    had: "recovery codes",
  },
  "email-code": { label: "Email code", labels: "Email codes", one: "an email code", had: "email codes" },
  "sms-code": { label: "SMS code", labels: "SMS codes", one: "an SMS code", had: "SMS codes" },
};

/** A factor's words by a name that was stored: by another version of the app, it may be unknown and stands for itself. */
export function wordsOfFactor(name: string): FactorWords {
  const known = Object.hasOwn(factorWords, name) ? factorWords[name as FactorName] : null;
  return known ?? { label: name, labels: name, one: name, had: name };
}
