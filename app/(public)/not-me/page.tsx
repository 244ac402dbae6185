import type { Metadata } from "next";
import { lookAtNotMe, notMe } from "@/app/actions/not-me";
import { PublicPage } from "@/components/public-page";
import { NotMeView } from "@/components/security/not-me-view";
import { environment } from "@/lib/platform/env";

export const metadata: Metadata = { title: "This wasn't me" };

export default function NotMePage() {
  return (
    <PublicPage title="Was it you?" demo={environment().demo} mails>
      <NotMeView lookAt={lookAtNotMe} report={notMe} />
    </PublicPage>
  );
}
