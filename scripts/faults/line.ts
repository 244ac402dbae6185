import { setTimeout as pause } from "node:timers/promises";
import { type Answer, type Browser, resultIn } from "../bench/browser";
import { type Journal, saw } from "./journal";

/** Longer than any answer may take, whatever is broken. */
export const patienceMs = 60_000;

/**
 * A person's line to the app: what comes back is an answer, or null where none came. Notes what was seen, and what
 * must not be: a stack, a driver's words, no sentence, no end.
 */
export class Line {
  constructor(
    readonly browser: Browser,
    private readonly journal: Journal,
  ) {}

  async act(path: string, action: string, argument: unknown): Promise<Answer | null> {
    const got = await this.timed(`${action} at ${path}`, (signal) =>
      this.browser.post(path, action, argument, signal),
    );
    if (!got) return null;
    const answer = resultIn(got.text);
    if (answer) {
      saw(this.journal, String(answer.status));
      if (answer.status === "failed" && !answer.reference) this.fault(`${action} failed without a reference`);
      return answer;
    }
    saw(this.journal, `HTTP ${got.status}`);
    this.fault(`${action} answered ${got.status}, and nothing that a dialog could say`);
    return null;
  }

  /** A page as a browser shows it; null: no answer. */
  open(path: string) {
    return this.timed(path, (signal) => this.browser.get(path, signal));
  }

  private async timed(what: string, ask: (signal: AbortSignal) => Promise<{ status: number; text: string }>) {
    const began = Date.now();
    const signal = AbortSignal.timeout(patienceMs);
    try {
      const got = await ask(signal);
      this.check(what, got.text);
      return got;
    } catch {
      if (signal.aborted) this.fault(`${what} was not answered within ${patienceMs / 1000} s`);
      saw(this.journal, "no connection");
      await pause(200);
      return null;
    } finally {
      this.journal.slowest = Math.max(this.journal.slowest, Date.now() - began);
    }
  }

  private check(what: string, text: string): void {
    const detail = /\n\s+at \S+ \(|node_modules|drizzle|ECONN|Connection terminated|Failed query/.exec(text);
    if (detail) this.fault(`${what} told a detail: ${text.slice(detail.index, detail.index + 120)}`);
  }

  private fault(words: string): void {
    this.journal.faults.push(words);
  }
}
