"use server";

import { defineAction } from "@/lib/define-action";
import { exportAudit as exportAuditCommand } from "@/lib/oversight/export-audit";

export const exportAudit = defineAction(exportAuditCommand);
