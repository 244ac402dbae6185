import type { EnrolmentActions } from "@/components/step-up/enrolment-actions";
import type { PasskeySignal } from "@/lib/security/own-authenticator";
import type { Action } from "@/lib/step-up/action-result";

/** The acts of the security page. */
export type SecurityActions = EnrolmentActions & {
  renameFactor: Action<{ signal: PasskeySignal | null }>;
  removeFactor: Action<{ signal: PasskeySignal | null }>;
  generateRecoveryCodes: Action<{ codes: string[] }>;
  endSessions: Action<{ ended: number }>;
  removeTrustedDevices: Action<{ removed: number }>;
  changePassword: Action<{ ended: number }>;
  changeEmail: Action<null>;
  cancelEmailChange: Action<{ cancelled: number }>;
};
