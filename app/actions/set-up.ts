"use server";

import { defineAction } from "@/lib/define-action";
import { definePublicAction } from "@/lib/define-public-action";
import { lookAtSetUp as lookAtSetUpCommand, openSetUp as openSetUpCommand } from "@/lib/people/set-up";

export const lookAtSetUp = definePublicAction(lookAtSetUpCommand);
export const openSetUp = defineAction(openSetUpCommand);
