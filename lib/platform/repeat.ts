import { setTimeout as pause } from "node:timers/promises";

/**
 * Does something over and over in the background, one turn after the other. A turn answers how many milliseconds to
 * wait for the next one, and must not throw. Returns the end, which cuts the wait short and waits for the turn that is
 * on its way.
 */
export function repeat(turn: () => Promise<number>): () => Promise<void> {
  const ending = new AbortController();
  const { signal } = ending;
  const running = (async () => {
    while (!signal.aborted) {
      const wait = await turn();
      await pause(wait, undefined, { signal, ref: false }).catch(() => {});
    }
  })();
  return async () => {
    ending.abort();
    await running;
  };
}
