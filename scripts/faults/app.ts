import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { environmentOf, keys } from "../bench/server";
import { end, freePort, ready } from "../lib/app-process";
import { root } from "../lib/run.mjs";

const clock = new URL("./shift-clock.mjs", import.meta.url).href;

/** The built app on one address, however often it is started again. */
export class App {
  private child: ChildProcess | null = null;
  /** What it printed of failures, since it was made. */
  readonly lines: string[] = [];
  /** It ended without having been told to. */
  fell = 0;
  private told = false;

  private constructor(
    readonly port: number,
    private readonly settings: Record<string, string>,
  ) {
    process.once("exit", () => this.child?.kill("SIGKILL"));
  }

  /** `settings`: its environment but for port, address and keys. */
  static async at(settings: Record<string, string>): Promise<App> {
    return new App(await freePort(), settings);
  }

  get url(): string {
    return `http://localhost:${this.port}`;
  }

  get environment(): Record<string, string> {
    return { ...keys, ...this.settings, KEYTURN_DEMO: "0", PORT: String(this.port), KEYTURN_URL: this.url };
  }

  /** `clockMs`: how much its clock is ahead. Waits until it is ready. */
  async start({ clockMs = 0 } = {}): Promise<void> {
    const env = environmentOf({ ...this.environment, KEYTURN_FAULTS_CLOCK_MS: String(clockMs) });
    const preload = clockMs === 0 ? [] : ["--import", clock];
    const child = spawn(process.execPath, [...preload, "scripts/serve.mjs"], {
      cwd: root,
      env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.child = child;
    this.told = false;
    createInterface({ input: child.stderr }).on("line", (line) => this.lines.push(line));
    child.once("exit", () => {
      if (!this.told) this.fell += 1;
    });
    await ready(child, `${this.url}/api/ready`, 50);
  }

  /** Without notice. */
  async kill(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    this.told = true;
    const ended = new Promise((resolve) => child.once("exit", resolve));
    child.kill("SIGKILL");
    await ended;
  }

  /** As an operator does. */
  async stop(): Promise<void> {
    this.told = true;
    if (this.child && this.child.signalCode === null) await end(this.child);
  }

  get runs(): boolean {
    return this.child !== null && this.child.exitCode === null && this.child.signalCode === null;
  }

  /** Waits until it answers that its database does. Throws after a minute and a half. */
  async recovers(): Promise<void> {
    if (!this.child) throw new Error("the app was never started");
    const giveUp = Date.now() + 90_000;
    for (;;) {
      if (!this.runs) throw new Error("the app ended by itself");
      const answer = await fetch(`${this.url}/api/ready`, { signal: AbortSignal.timeout(5_000) }).catch(
        () => null,
      );
      if (answer?.ok) return;
      if (Date.now() > giveUp) throw new Error("the app is not ready 90 s after the fault was over");
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
