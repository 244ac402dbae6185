"use server";

import { defineAction } from "@/lib/define-action";
import * as commands from "@/lib/security/enrol";

export const openFirstEnrolment = defineAction(commands.openFirstEnrolment);
export const openEnrolment = defineAction(commands.openEnrolment);
export const activateAuthenticatorApp = defineAction(commands.activateAuthenticatorApp);
export const activatePasskey = defineAction(commands.activatePasskey);
