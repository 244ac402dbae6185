import { spawn } from "node:child_process";
import { root, tools } from "./run.mjs";

/* FOR TESTS: the commands as the operator runs them. */

export type Env = Record<string, string>;

/** Runs scripts/<name>.ts with these variables and none of this process's own. */
export async function runScript(name: string, env: Env, ...args: string[]) {
  const inherited = Object.entries(process.env).filter(
    ([variable]) => !/^(KEYTURN_|NEXTAUTH_|DATABASE_URL|PORT|NODE_ENV|SMTP_|VITEST)/.test(variable),
  );
  const child = spawn(process.execPath, [...tools.tsx, `scripts/${name}.ts`, ...args], {
    cwd: root,
    env: { ...Object.fromEntries(inherited), ...env } as NodeJS.ProcessEnv,
  });
  const output = { stdout: "", stderr: "" };
  child.stdout.on("data", (text) => (output.stdout += text));
  child.stderr.on("data", (text) => (output.stderr += text));
  const code = await new Promise<number | null>((resolve) => child.once("close", resolve));
  return { code, stdout: output.stdout, stderr: output.stderr.trim() };
}
