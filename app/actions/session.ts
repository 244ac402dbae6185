"use server";

import { defineAction } from "@/lib/define-action";
import { cancelPrompt as cancelPromptCommand } from "@/lib/security/cancel-prompt";
import { finishSignIn as finishSignInCommand } from "@/lib/security/finish-sign-in";
import { sendCode as sendCodeCommand } from "@/lib/security/send-code";
import { lockNow as lockNowCommand, signOut as signOutCommand } from "@/lib/security/session-commands";

export const lockNow = defineAction(lockNowCommand);
export const signOut = defineAction(signOutCommand);
export const sendCode = defineAction(sendCodeCommand);
export const cancelPrompt = defineAction(cancelPromptCommand);
export const finishSignIn = defineAction(finishSignInCommand);
