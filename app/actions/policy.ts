"use server";

import { defineAction } from "@/lib/define-action";
import * as policy from "@/lib/policy/change-policy";
import { changeFactors as changeFactorsCommand } from "@/lib/policy/factors/change-factors";
import * as trial from "@/lib/policy/factors/try-factor";

export const previewPolicy = defineAction(policy.previewPolicy);
export const changePolicy = defineAction(policy.changePolicy);
export const sendTrial = defineAction(trial.sendTrial);
export const confirmTrial = defineAction(trial.confirmTrial);
export const changeFactors = defineAction(changeFactorsCommand);
