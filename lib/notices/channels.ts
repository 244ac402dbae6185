import type { Environment } from "@/lib/platform/env";

/** Which messages leave here. A demo shows its outbox in place of mailboxes and phones, so that all of them do. */
export function channelsOf(env: Pick<Environment, "demo" | "smtpUrl" | "twilio">): {
  mail: boolean;
  sms: boolean;
} {
  return { mail: env.demo || env.smtpUrl !== undefined, sms: env.demo || env.twilio !== undefined };
}
