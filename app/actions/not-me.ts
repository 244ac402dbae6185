"use server";

import { definePublicAction } from "@/lib/define-public-action";
import { lookAtNotMe as lookAtNotMeCommand } from "@/lib/security/not-me/look-at-not-me";
import { notMe as notMeCommand } from "@/lib/security/not-me/not-me";

export const lookAtNotMe = definePublicAction(lookAtNotMeCommand);
export const notMe = definePublicAction(notMeCommand);
