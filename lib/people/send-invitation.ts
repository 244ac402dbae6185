import type { Tx } from "@/db/client";
import { mailTo } from "@/lib/notices/outbox";
import { environment } from "@/lib/platform/env";
import { type InvitationData, invitationHours, openInvitation } from "./invitation";

/** An invitation on its way. */
export type Sent = {
  email: string;
  /** Where no mail can be sent: the link, this once, for the administrator to hand over. */
  link: string | null;
};

type Inviter = { id: string; name: string; email: string };

/** Makes the invitation's link and mails it. */
export async function sendInvitation(
  tx: Tx,
  inviter: Inviter,
  data: InvitationData,
): Promise<Sent & { id: string }> {
  const { id, url } = await openInvitation(tx, data, { createdBy: inviter.id });
  const body = `Hello ${data.name},

${inviter.name} (${inviter.email}) invites you to Keyturn. Open this link to choose a password and to set up a second factor. It works once, within ${invitationHours} hours:

${url}

If you don't know what this is about, leave the link alone and ask ${inviter.name}.`;
  await mailTo(
    tx,
    { personId: null, email: data.email },
    { kind: "invitation", subject: `${inviter.name} invites you to Keyturn`, body },
  );
  return { id, email: data.email, link: environment().smtpUrl ? null : url };
}
