import { sql } from "drizzle-orm";
import { keysMissing } from "@/lib/keys/watch";
import { runningDatabase } from "@/lib/platform/running-database";

/** The database answers, too: 503 while it doesn't. A missing key is for monitoring to see, and no reason to stop. */
export async function GET() {
  try {
    const { reader } = await runningDatabase();
    await reader.select({ one: sql`1` }).from(sql`(values (1)) as one(x)`);
    return answer(200, "ready", keysMissing() ? { keys: "missing" } : {});
  } catch {
    return answer(503, "database unreachable");
  }
}

function answer(status: number, text: string, more: { keys?: "missing" } = {}) {
  return Response.json({ status: text, ...more }, { status, headers: { "Cache-Control": "no-store" } });
}
