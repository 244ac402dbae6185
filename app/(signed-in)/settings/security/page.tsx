import type { Metadata } from "next";
import {
  activateAuthenticatorApp,
  activatePasskey,
  activateSentCodes,
  cancelEmailChange,
  changeEmail,
  changePassword,
  confirmMailedCode,
  endSessions,
  generateRecoveryCodes,
  openEnrolment,
  openFirstEnrolment,
  removeFactor,
  removeTrustedDevices,
  renameFactor,
  sendEnrolmentCode,
} from "@/app/actions/security";
import { SecurityView } from "@/components/security/security-view";
import { runningReader } from "@/lib/platform/running-database";
import {
  readOwnAccount,
  readOwnAuthenticators,
  readOwnSessions,
  readOwnTrustedDevices,
} from "@/lib/security/read";
import { confirmingKinds, settableKinds } from "@/lib/security/settable";
import { requireSession } from "@/lib/session/require-session";

export const metadata: Metadata = { title: "Security" };

const actions = {
  activateAuthenticatorApp,
  activatePasskey,
  activateSentCodes,
  cancelEmailChange,
  changeEmail,
  changePassword,
  confirmMailedCode,
  endSessions,
  generateRecoveryCodes,
  openEnrolment,
  openFirstEnrolment,
  removeFactor,
  removeTrustedDevices,
  renameFactor,
  sendEnrolmentCode,
};

export default async function SecurityPage() {
  const session = await requireSession();
  const read = await runningReader();
  const { userId, deviceHash } = session;
  const [authenticators, sessions, trustedDevices, account] = await Promise.all([
    readOwnAuthenticators(read, userId),
    readOwnSessions(read, userId),
    readOwnTrustedDevices(read, userId, deviceHash),
    readOwnAccount(read, userId),
  ]);
  return (
    <SecurityView
      email={session.person.email}
      authenticators={authenticators}
      settable={settableKinds(session)}
      confirming={confirmingKinds(session)}
      first={session.authenticators.length === 0}
      recoveryCodesLeft={session.recoveryCodesLeft}
      sessions={sessions}
      trustedDevices={trustedDevices}
      currentSession={session.sessionId}
      passwordChangedAt={account.passwordChangedAt}
      pendingEmail={account.pendingEmail}
      now={session.now}
      actions={actions}
    />
  );
}
