"use server";

import { definePublicAction } from "@/lib/define-public-action";
import { completeReset as completeResetCommand } from "@/lib/security/reset/complete-reset";
import { requestReset as requestResetCommand } from "@/lib/security/reset/request-reset";

export const requestReset = definePublicAction(requestResetCommand);
export const completeReset = definePublicAction(completeResetCommand);
