import type { Metadata } from "next";
import { lookAtSetUp, openSetUp } from "@/app/actions/set-up";
import { sessionActions } from "@/app/session-actions";
import { PublicPage } from "@/components/public-page";
import { SetUpView } from "@/components/security/set-up-view";
import { environment } from "@/lib/platform/env";

export const metadata: Metadata = { title: "Set up a new second factor" };

/** The same for everybody, signed in or not: what the link holds is behind its `#`, where only the browser sees it. */
export default function SetUpPage() {
  return (
    <PublicPage title="Set up a new second factor" demo={environment().demo} mails>
      <SetUpView actions={{ look: lookAtSetUp, open: openSetUp }} session={sessionActions} />
    </PublicPage>
  );
}
