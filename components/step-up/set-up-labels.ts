import type { EnrolledFactor } from "@/lib/step-up/facts";

/** The button that begins to set one up. */
export const setUpLabels: Record<EnrolledFactor, string> = {
  passkey: "Add a passkey",
  totp: "Set up an authenticator app",
  "sms-code": "Set up SMS codes",
  "email-code": "Set up email codes",
};
