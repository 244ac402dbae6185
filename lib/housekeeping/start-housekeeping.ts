import { setTimeout as pause } from "node:timers/promises";
import type { Database } from "@/db/client";
import { sweep } from "./sweep";

const everyMs = 60_000;

/** Sweeps once a minute in the background until it is ended. Returns the end, which waits for a sweep on its way. */
export function startHousekeeping(database: Database): () => Promise<void> {
  const ending = new AbortController();
  const running = loop(database, ending.signal);
  return async () => {
    ending.abort();
    await running;
  };
}

async function loop(database: Database, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sweep(database);
    await pause(everyMs, undefined, { signal, ref: false }).catch(() => {});
  }
}
