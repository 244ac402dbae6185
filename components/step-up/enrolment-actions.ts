import type { EnrolmentOffer } from "@/lib/security/enrol";
import type { Action } from "@/lib/step-up/action-result";

export type Activated = {
  authenticatorId: string;
  name: string;
  onProbation: boolean;
  recoveryCodes: string[] | null;
};

/** The acts that an enrolment is made of; pages hand them down. */
export type EnrolmentActions = {
  openFirstEnrolment: Action<EnrolmentOffer>;
  openEnrolment: Action<EnrolmentOffer>;
  activateAuthenticatorApp: Action<Activated>;
  activatePasskey: Action<Activated>;
};
