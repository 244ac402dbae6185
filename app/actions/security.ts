"use server";

import { defineAction } from "@/lib/define-action";
import { askForHelp as askForHelpCommand } from "@/lib/security/ask-for-help";
import { changePassword as changePasswordCommand } from "@/lib/security/change-password";
import * as email from "@/lib/security/email/change-email";
import { endSessions as endSessionsCommand } from "@/lib/security/end-sessions";
import * as enrol from "@/lib/security/enrol";
import * as codes from "@/lib/security/enrol-codes";
import { generateRecoveryCodes as generateRecoveryCodesCommand } from "@/lib/security/generate-recovery-codes";
import { confirmMailedCode as confirmMailedCodeCommand } from "@/lib/security/mailed-code";
import { removeFactor as removeFactorCommand } from "@/lib/security/remove-factor";
import { renameFactor as renameFactorCommand } from "@/lib/security/rename-factor";

export const openFirstEnrolment = defineAction(enrol.openFirstEnrolment);
export const openEnrolment = defineAction(enrol.openEnrolment);
export const confirmMailedCode = defineAction(confirmMailedCodeCommand);
export const activateAuthenticatorApp = defineAction(enrol.activateAuthenticatorApp);
export const activatePasskey = defineAction(enrol.activatePasskey);
export const sendEnrolmentCode = defineAction(codes.sendEnrolmentCode);
export const activateSentCodes = defineAction(codes.activateSentCodes);
export const renameFactor = defineAction(renameFactorCommand);
export const removeFactor = defineAction(removeFactorCommand);
export const generateRecoveryCodes = defineAction(generateRecoveryCodesCommand);
export const endSessions = defineAction(endSessionsCommand);
export const changePassword = defineAction(changePasswordCommand);
export const changeEmail = defineAction(email.changeEmail);
export const cancelEmailChange = defineAction(email.cancelEmailChange);
export const askForHelp = defineAction(askForHelpCommand);
