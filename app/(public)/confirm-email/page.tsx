import type { Metadata } from "next";
import { confirmEmail } from "@/app/actions/links";
import { PublicPage } from "@/components/public-page";
import { ConfirmEmailView } from "@/components/security/confirm-email-view";
import { environment } from "@/lib/platform/env";

export const metadata: Metadata = { title: "Confirm your email address" };

export default function ConfirmEmailPage() {
  return (
    <PublicPage title="Confirm your email address" demo={environment().demo} mails>
      <ConfirmEmailView confirm={confirmEmail} />
    </PublicPage>
  );
}
