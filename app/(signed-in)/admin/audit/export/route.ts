import { refusal } from "@/app/refusal";
import { mayReadAudit } from "@/lib/access/access";
import { ownLog } from "@/lib/audit/log/log-key";
import { claimDownload, currentSession } from "@/lib/define-action";
import { contentTypes, fileNames } from "@/lib/oversight/export-formats";
import { cancelExport, ExportRefused, startExport } from "@/lib/oversight/stream-export";
import { runningReader } from "@/lib/platform/running-database";

/**
 * The exported log, as a stream. The token comes in a header: no link and no other site's page can carry it, and it
 * stands in no address (threats.md 7d).
 */
export async function GET(request: Request): Promise<Response> {
  const claimed = await claim(request);
  if (claimed instanceof Response) return claimed;
  // One that has begun ends with its own request; of this one the token opens nothing from now on. A GET as well: what
  // is posted is an action, or refused before it comes here (lib/platform/action-body.ts).
  if (request.headers.has("keyturn-cancel")) {
    await cancelExport(claimed.download);
    return new Response(null, { status: 204, headers: { "Cache-Control": "no-store" } });
  }
  const { signer, rp } = ownLog();
  const log = { vkey: signer.vkey, rp };
  const asked = { ...claimed, read: await runningReader(), log, signal: request.signal };
  const started = await startExport(asked).catch((error: unknown) => {
    if (error instanceof ExportRefused) return error;
    throw error;
  });
  if (started instanceof ExportRefused) return refusal(409, started.message);
  const { format, rows, body } = started;
  return new Response(body, {
    headers: {
      "Content-Type": contentTypes[format],
      "Content-Disposition": `attachment; filename="${fileNames[format]}"`,
      "Keyturn-Rows": `${rows}`,
      "Cache-Control": "no-store",
    },
  });
}

/** Next would answer HEAD with GET, and a download that nobody reads would be spent. */
export function HEAD(): Response {
  return new Response(null, { status: 405, headers: { Allow: "GET", "Cache-Control": "no-store" } });
}

async function claim(request: Request) {
  const session = await currentSession();
  if (!session) return refusal(401, "Sign in first.");
  if (!mayReadAudit(session.person)) return refusal(404, "This doesn't exist, or isn't yours to see.");
  const token = request.headers.get("keyturn-download") ?? "";
  const download = await claimDownload("admin.export-audit", session, token);
  if (!download) return refusal(403, "This download has ended, or was never unlocked. Export again.");
  return { session, download };
}
