import type { Tx } from "@/db/client";
import { openLink } from "@/lib/links/links";
import { mailTo } from "@/lib/notices/outbox";

/** How long a mailed reset works (ASVS v5.0.0-6.4.1: short, and once). */
export const resetMinutes = 15;

/** Mails a link that sets a new password. `because`: what the mail begins with. */
export async function mailResetLink(
  tx: Tx,
  to: { personId: string | null; email: string },
  because: string,
): Promise<void> {
  const { url } = await openLink(tx, {
    purpose: "reset-password",
    personId: to.personId,
    lifetimeMinutes: resetMinutes,
  });
  await mailTo(tx, to, {
    kind: "reset-password",
    subject: "Choose a new password",
    body: `${because} This link works once, for ${resetMinutes} minutes:\n\n${url}\n\nYour second factor stays as it is, and you will be signed out everywhere.`,
  });
}
