import { type ChildProcess, spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createServer } from "node:net";
import { join } from "node:path";
import { benchApp } from "./app";

export type Env = Record<string, string>;
export type Server = { url: string; child: ChildProcess; use(): Promise<Use>; stop(): Promise<void> };
/** Microseconds of processor and bytes of memory, in the server's own account. */
export type Use = { cpu: number; memory: number };

const running = new Set<ChildProcess>();
process.once("exit", () => {
  for (const child of running) child.kill("SIGKILL");
});

/** Keys of this run: the server and whoever writes into its database share them. */
export const keys: Env = {
  NEXTAUTH_SECRET: secret(),
  KEYTURN_ENCRYPTION_KEYS: `k1:${secret()}`,
  KEYTURN_AUDIT_KEY: secret(),
};

/** The environment of whoever measures does not reach what is measured. */
export function environmentOf(given: Env): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(KEYTURN_|NEXTAUTH_|DATABASE_URL|PORT|NODE_ENV|NODE_OPTIONS)/.test(name),
  );
  return { ...Object.fromEntries(inherited), ...given } as NodeJS.ProcessEnv;
}

/** Starts the copy on a free loopback port and waits until it is ready. `script`: serve, or start, which prepares. */
export async function startServer(
  given: Env,
  { script = "serve", nodeOptions = [] as string[] } = {},
): Promise<Server> {
  const port = await freePort();
  const url = `http://localhost:${port}`;
  const child = spawn(process.execPath, [...nodeOptions, join(benchApp, `scripts/${script}.mjs`)], {
    cwd: benchApp,
    env: environmentOf({ ...given, PORT: String(port), KEYTURN_URL: url }),
    stdio: ["ignore", "ignore", "inherit"],
  });
  running.add(child);
  child.once("exit", () => running.delete(child));
  const use = async () => {
    const answer = (await (await fetch(`${url}/api/bench`)).json()) as {
      cpu: { user: number; system: number };
      memory: number;
    };
    return { cpu: answer.cpu.user + answer.cpu.system, memory: answer.memory };
  };
  await ready(child, `${url}/api/ready`);
  return { url, child, use, stop: () => stop(child) };
}

async function ready(child: ChildProcess, url: string): Promise<void> {
  const giveUp = Date.now() + 120_000;
  while (Date.now() < giveUp && child.exitCode === null) {
    const answered = await fetch(url, { signal: AbortSignal.timeout(2_000) }).then(
      (response) => response.ok,
      () => false,
    );
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`${url} did not become ready`);
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  const ended = new Promise((resolve) => child.once("exit", resolve));
  child.kill("SIGTERM");
  const timer = setTimeout(() => child.kill("SIGKILL"), 15_000);
  await ended;
  clearTimeout(timer);
}

function secret(): string {
  return randomBytes(32).toString("base64");
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().once("error", reject);
    probe.listen(0, "127.0.0.1", () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === "object" && address ? address.port : 0));
    });
  });
}
