import { sql } from "drizzle-orm";
import { runningDatabase } from "@/lib/platform/running-database";

/** The database answers, too: 503 while it doesn't. */
export async function GET() {
  try {
    const { reader } = await runningDatabase();
    await reader.select({ one: sql`1` }).from(sql`(values (1)) as one(x)`);
    return answer(200, "ready");
  } catch {
    return answer(503, "database unreachable");
  }
}

function answer(status: number, text: string) {
  return Response.json({ status: text }, { status, headers: { "Cache-Control": "no-store" } });
}
