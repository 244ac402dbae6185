import type { Database } from "@/db/client";
import { repeat } from "@/lib/platform/repeat";
import { keepDeadlines } from "./keep-deadlines";
import { sweep } from "./sweep";

const everyMs = 60_000;

/** Sweeps and keeps deadlines once a minute in the background until it is ended. Returns the end, which waits for a sweep on its way. */
export function startHousekeeping(database: Database): () => Promise<void> {
  return repeat(async () => {
    await sweep(database);
    await keepDeadlines(database);
    return everyMs;
  });
}
