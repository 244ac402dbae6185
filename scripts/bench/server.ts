import { type ChildProcess, spawn } from "node:child_process";
import { join } from "node:path";
import { end, freePort, ready, secret } from "../lib/app-process";
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
  await ready(child, `${url}/api/ready`, 20);
  return { url, child, use, stop: () => end(child) };
}
