import { type SQL, sql } from "drizzle-orm";
import type { Database } from "@/db/client";

/** As `onQuery` tells it. */
export type LoggedStatement = { statement: string; parameters: unknown[] };

/** The database's own plan for a statement that was logged, as text. */
export async function explain(database: Database, logged: LoggedStatement): Promise<string> {
  const answer = (await database.execute(sql`explain ${bound(logged)}`)) as {
    rows: Record<string, string>[];
  };
  return answer.rows.map((row) => Object.values(row).join("")).join("\n");
}

/** A logged statement with its parameters in their places again. */
function bound({ statement, parameters }: { statement: string; parameters: unknown[] }): SQL {
  const parts = statement.split(/\$(\d+)/);
  return sql.join(
    parts.map((part, place) => (place % 2 === 0 ? sql.raw(part) : sql`${parameters[Number(part) - 1]}`)),
  );
}
