import type { ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";

/*
 * The app as a process of its own, for the browser tests and the bench.
 */

/** Waits until the app answers well at `url`. Throws when it ends before, or takes too long. */
export async function ready(app: ChildProcess, url: string, pauseMilliseconds = 200): Promise<void> {
  const giveUp = Date.now() + 120_000;
  while (Date.now() < giveUp) {
    if (app.exitCode !== null) throw new Error(`the app ended with ${app.exitCode}`);
    const answered = await fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
  }
  throw new Error(`${url} did not become ready`);
}

/** Ends the app as an operator does; by force where it doesn't go. */
export async function end(app: ChildProcess): Promise<void> {
  if (app.exitCode !== null) return;
  const ended = new Promise((resolve) => app.once("exit", resolve));
  app.kill("SIGTERM");
  const timer = setTimeout(() => app.kill("SIGKILL"), 15_000);
  await ended;
  clearTimeout(timer);
}

/** A secret of this run: 32 bytes in base64. */
export function secret(): string {
  return randomBytes(32).toString("base64");
}

export function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
