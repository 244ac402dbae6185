"use server";

import { viewContract as viewContractCommand } from "@/lib/contracts/view-contract";
import { defineAction } from "@/lib/define-action";

export const viewContract = defineAction(viewContractCommand);
