"use server";

import { defineAction } from "@/lib/define-action";
import * as commands from "@/lib/people/invite";

export const inviteColleague = defineAction(commands.inviteColleague);
export const resendInvitation = defineAction(commands.resendInvitation);
export const revokeInvitation = defineAction(commands.revokeInvitation);
