"use server";

import * as commands from "@/lib/approvals/decide";
import { defineAction } from "@/lib/define-action";

export const approve = defineAction(commands.approve);
export const decline = defineAction(commands.decline);
export const withdraw = defineAction(commands.withdraw);
