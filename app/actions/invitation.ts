"use server";

import { definePublicAction } from "@/lib/define-public-action";
import * as commands from "@/lib/people/accept-invitation";

export const lookAtInvitation = definePublicAction(commands.lookAtInvitation);
export const acceptInvitation = definePublicAction(commands.acceptInvitation);
