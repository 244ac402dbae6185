"use server";

import { defineAction } from "@/lib/define-action";
import { downloadReceipt as downloadReceiptCommand } from "@/lib/oversight/download-receipt";
import { exportAudit as exportAuditCommand } from "@/lib/oversight/export-audit";

export const downloadRowReceipt = defineAction(downloadReceiptCommand);
export const exportAudit = defineAction(exportAuditCommand);
