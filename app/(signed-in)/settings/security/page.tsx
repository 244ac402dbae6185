import type { Metadata } from "next";
import {
  activateAuthenticatorApp,
  activatePasskey,
  openEnrolment,
  openFirstEnrolment,
} from "@/app/actions/security";
import { SecurityView } from "@/components/security/security-view";
import { runningReader } from "@/lib/platform/running-database";
import { readOwnAuthenticators } from "@/lib/security/read";
import { requireSession } from "@/lib/session/require-session";

export const metadata: Metadata = { title: "Security" };

export default async function SecurityPage() {
  const session = await requireSession();
  const authenticators = await readOwnAuthenticators(await runningReader(), session.userId);
  return (
    <SecurityView
      authenticators={authenticators}
      first={session.authenticators.length === 0}
      recoveryCodesLeft={session.recoveryCodesLeft}
      now={session.now}
      actions={{ openFirstEnrolment, openEnrolment, activateAuthenticatorApp, activatePasskey }}
    />
  );
}
