"use server";

import { defineAction } from "@/lib/define-action";
import { askToReset as askToResetCommand } from "@/lib/people/ask-to-reset";
import * as commands from "@/lib/people/invite";

export const inviteColleague = defineAction(commands.inviteColleague);
export const resendInvitation = defineAction(commands.resendInvitation);
export const revokeInvitation = defineAction(commands.revokeInvitation);
export const askToReset = defineAction(askToResetCommand);
