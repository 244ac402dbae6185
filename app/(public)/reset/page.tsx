import type { Metadata } from "next";
import { completeReset, requestReset } from "@/app/actions/reset";
import { PublicPage } from "@/components/public-page";
import { ResetView } from "@/components/security/reset-view";
import { Notice } from "@/components/ui/notice";
import { environment } from "@/lib/platform/env";

export const metadata: Metadata = { title: "Reset your password" };

export default function ResetPage() {
  const { demo, smtpUrl } = environment();
  return (
    <PublicPage title="Reset your password" demo={demo} mails>
      {demo || smtpUrl ? (
        <ResetView request={requestReset} complete={completeReset} />
      ) : (
        <Notice>This Keyturn sends no mail yet. Ask an administrator for help.</Notice>
      )}
      <a className="flex min-h-6 w-fit items-center text-sm underline underline-offset-4" href="/sign-in">
        Back to sign-in
      </a>
    </PublicPage>
  );
}
