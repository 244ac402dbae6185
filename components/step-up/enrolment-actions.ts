import type { EnrolmentOffer } from "@/lib/security/enrol";
import type { CodesActivated, EnrolmentCodeAnswer } from "@/lib/security/enrol-codes";
import type { MailedCodeAnswer } from "@/lib/security/mailed-code";
import type { PasskeySignal } from "@/lib/security/own-authenticator";
import type { Action } from "@/lib/step-up/action-result";

export type Activated = {
  authenticatorId: string;
  name: string;
  onProbation: boolean;
  recoveryCodes: string[] | null;
  /** What the browser's passkey manager is told: the one that was replaced is gone. */
  signal: PasskeySignal | null;
};

/** The acts that an enrolment is made of; pages hand them down. */
export type EnrolmentActions = {
  openFirstEnrolment: Action<EnrolmentOffer>;
  openEnrolment: Action<EnrolmentOffer>;
  confirmMailedCode: Action<MailedCodeAnswer>;
  activateAuthenticatorApp: Action<Activated>;
  activatePasskey: Action<Activated>;
  sendEnrolmentCode: Action<EnrolmentCodeAnswer>;
  activateSentCodes: Action<CodesActivated>;
};
