import type { SessionActions } from "@/components/step-up/step-up-provider";
import {
  activateAuthenticatorApp,
  activatePasskey,
  activateSentCodes,
  askForHelp,
  confirmMailedCode,
  openEnrolment,
  openFirstEnrolment,
  sendEnrolmentCode,
} from "./actions/security";
import { cancelPrompt, finishSignIn, lockNow, sendCode, signOut } from "./actions/session";

/** What the step-up's provider needs wherever somebody is signed in. */
export const sessionActions: SessionActions = {
  lockNow,
  signOut,
  cancelPrompt,
  sendCode,
  finishSignIn,
  askForHelp,
  confirmMailedCode,
  openFirstEnrolment,
  openEnrolment,
  activateAuthenticatorApp,
  activatePasskey,
  sendEnrolmentCode,
  activateSentCodes,
};
