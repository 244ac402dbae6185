"use server";

import { defineAction } from "@/lib/define-action";
import { answerHelp as answerHelpCommand } from "@/lib/people/answer-help";
import { askToReset as askToResetCommand } from "@/lib/people/ask-to-reset";
import { changeRole as changeRoleCommand } from "@/lib/people/change-role";
import { disableUser as disableUserCommand } from "@/lib/people/disable-user";
import { enableUser as enableUserCommand } from "@/lib/people/enable-user";
import { endSessionsOf as endSessionsOfCommand } from "@/lib/people/end-sessions-of";
import * as commands from "@/lib/people/invite";

export const inviteColleague = defineAction(commands.inviteColleague);
export const resendInvitation = defineAction(commands.resendInvitation);
export const revokeInvitation = defineAction(commands.revokeInvitation);
export const askToReset = defineAction(askToResetCommand);
export const changeRole = defineAction(changeRoleCommand);
export const disableUser = defineAction(disableUserCommand);
export const enableUser = defineAction(enableUserCommand);
export const endSessionsOf = defineAction(endSessionsOfCommand);
export const answerHelp = defineAction(answerHelpCommand);
