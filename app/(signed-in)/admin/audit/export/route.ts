import { refusal } from "@/app/refusal";
import { mayReadAudit } from "@/lib/access/access";
import { claimDownload, currentSession } from "@/lib/define-action";
import { contentTypes } from "@/lib/oversight/export-formats";
import { startExport } from "@/lib/oversight/stream-export";
import { runningReader } from "@/lib/platform/running-database";

/**
 * The exported log, as a stream. The token comes in a header: no link and no other site's page can carry it, and it
 * stands in no address (threats.md 7d).
 */
export async function GET(request: Request): Promise<Response> {
  const session = await currentSession();
  if (!session) return refusal(401, "Sign in first.");
  if (!mayReadAudit(session.person)) return refusal(404, "This doesn't exist, or isn't yours to see.");
  const token = request.headers.get("keyturn-download") ?? "";
  const download = await claimDownload("admin.export-audit", session, token);
  if (!download) return refusal(403, "This download has ended, or was never unlocked. Export again.");
  const { format, body } = startExport(await runningReader(), session, download);
  return new Response(body, {
    headers: {
      "Content-Type": contentTypes[format],
      "Content-Disposition": `attachment; filename="keyturn-audit.${format === "csv" ? "csv" : "jsonl"}"`,
      "Cache-Control": "no-store",
    },
  });
}
