"use server";

import { defineAction } from "@/lib/define-action";
import { cancelPrompt as cancelPromptCommand } from "@/lib/security/cancel-prompt";
import { lockNow as lockNowCommand, signOut as signOutCommand } from "@/lib/security/session-commands";

export const lockNow = defineAction(lockNowCommand);
export const signOut = defineAction(signOutCommand);
export const cancelPrompt = defineAction(cancelPromptCommand);
