import type { Tone } from "@/components/ui/notice";
import type { AuditOutcome } from "@/db/schema/audit";

export const outcomeWords: Record<AuditOutcome, { word: string; tone: Tone | undefined }> = {
  allowed: { word: "allowed", tone: "open" },
  refused: { word: "refused", tone: "danger" },
  cancelled: { word: "cancelled", tone: undefined },
  failed: { word: "failed", tone: "warn" },
};
