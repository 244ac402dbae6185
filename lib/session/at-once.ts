/**
 * Comparing a password takes 19 MiB and some milliseconds of a core, whoever asks: so many at once a process takes on,
 * and tells everybody else, known or not, to come again.
 */
export const mostAtOnce = 64;

let running = 0;

/** Runs it unless too many run: then null, at once, before anything was looked up or counted. */
export async function unlessBusy<Result>(work: () => Promise<Result>): Promise<Result | null> {
  if (running >= mostAtOnce) return null;
  running += 1;
  try {
    return await work();
  } finally {
    running -= 1;
  }
}
