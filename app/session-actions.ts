import type { SessionActions } from "@/components/step-up/step-up-provider";
import {
  activateAuthenticatorApp,
  activatePasskey,
  askForHelp,
  confirmMailedCode,
  openEnrolment,
  openFirstEnrolment,
} from "./actions/security";
import { cancelPrompt, lockNow, signOut } from "./actions/session";

/** What the step-up's provider needs wherever somebody is signed in. */
export const sessionActions: SessionActions = {
  lockNow,
  signOut,
  cancelPrompt,
  askForHelp,
  confirmMailedCode,
  openFirstEnrolment,
  openEnrolment,
  activateAuthenticatorApp,
  activatePasskey,
};
