import type { EnrolledFactor } from "@/lib/step-up/facts";

/** What an authenticator is, in a sentence. */
export const kindWords: Record<EnrolledFactor, string> = {
  totp: "an authenticator app",
  passkey: "a passkey",
  "email-code": "codes by mail",
  "sms-code": "codes by text message",
};
