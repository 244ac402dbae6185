"use server";

import { definePublicAction } from "@/lib/define-public-action";
import { confirmEmail as confirmEmailCommand } from "@/lib/security/email/confirm-email";

export const confirmEmail = definePublicAction(confirmEmailCommand);
