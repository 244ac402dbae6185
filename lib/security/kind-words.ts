import type { EnrolledFactor } from "@/lib/step-up/enrolment/ticket";

/** What an authenticator is, in a sentence. */
export const kindWords: Record<EnrolledFactor, string> = {
  totp: "an authenticator app",
  passkey: "a passkey",
};
