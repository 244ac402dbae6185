import type { Metadata } from "next";
import { acceptInvitation, lookAtInvitation } from "@/app/actions/invitation";
import { sessionActions } from "@/app/session-actions";
import { PublicPage } from "@/components/public-page";
import { InvitationView } from "@/components/security/invitation-view";
import { environment } from "@/lib/platform/env";

export const metadata: Metadata = { title: "Set up your account" };

/** The same for everybody, signed in or not: what the link holds is behind its `#`, where only the browser sees it. */
export default function InvitationPage() {
  return (
    <PublicPage title="Set up your account" demo={environment().demo} mails>
      <InvitationView
        actions={{ look: lookAtInvitation, accept: acceptInvitation }}
        session={sessionActions}
      />
    </PublicPage>
  );
}
