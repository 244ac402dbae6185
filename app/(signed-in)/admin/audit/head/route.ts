import { refusal } from "@/app/refusal";
import { mayReadAudit } from "@/lib/access/access";
import { readNewestHead } from "@/lib/audit/log/tree";
import { currentSession } from "@/lib/define-action";
import { runningReader } from "@/lib/platform/running-database";

/**
 * The signed head as a file: what an auditor keeps, so that the log can't be rewritten unseen (`audit:verify -- --from`).
 * A size and a hash, which tell nothing of the rows: no proof is asked for.
 */
export async function GET(): Promise<Response> {
  const session = await currentSession();
  if (!session) return refusal(401, "Sign in first.");
  if (!mayReadAudit(session.person)) return refusal(404, "This doesn't exist, or isn't yours to see.");
  const head = await readNewestHead(await runningReader());
  if (!head) return refusal(404, "Nothing is sealed yet. Try again in a minute.");
  return new Response(head.checkpoint, {
    headers: {
      "Content-Type": "text/plain; charset=utf-8",
      "Content-Disposition": `attachment; filename="keyturn-audit-head-${head.size}.txt"`,
      "Cache-Control": "no-store",
    },
  });
}
