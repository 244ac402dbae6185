import { sql } from "drizzle-orm";
import { type SealingFault, sealingFault } from "@/lib/audit/log/sealing-fault";
import { keysMissing } from "@/lib/keys/watch";
import { runningDatabase } from "@/lib/platform/running-database";

/**
 * The database answers, too: 503 while it doesn't. A missing key, and a log that this process seals no more, are for
 * monitoring to see, and no reason to stop.
 */
export async function GET() {
  try {
    const { reader } = await runningDatabase();
    await reader.select({ one: sql`1` }).from(sql`(values (1)) as one(x)`);
    const fault = sealingFault();
    return answer(200, "ready", {
      ...(keysMissing() ? { keys: "missing" } : {}),
      ...(fault ? { sealing: fault } : {}),
    });
  } catch {
    return answer(503, "database unreachable");
  }
}

type Degraded = { keys?: "missing"; sealing?: SealingFault };

function answer(status: number, text: string, more: Degraded = {}) {
  return Response.json({ status: text, ...more }, { status, headers: { "Cache-Control": "no-store" } });
}
