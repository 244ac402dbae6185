import { spawn } from "node:child_process";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { Said } from "./sentences.mjs";

/** The project's folder: every script works from any current folder. */
export const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** Tools as JavaScript files, because `node_modules/.bin` holds shell scripts that Windows cannot spawn. */
export const tools = {
  next: ["node_modules/next/dist/bin/next"],
  tsc: ["node_modules/typescript/bin/tsc"],
  biome: ["node_modules/@biomejs/biome/bin/biome"],
  vitest: ["node_modules/vitest/vitest.mjs"],
  playwright: ["node_modules/@playwright/test/cli.js"],
  tsx: ["--import", "tsx"],
};

/**
 * Runs a Node program in the project's folder with our terminal, and answers its exit code. A signal to us goes on to
 * it, so that nothing is left running.
 * @param {string[]} args
 * @param {{ env?: Record<string, string | undefined>, quiet?: boolean }} [options]
 * @returns {Promise<number>}
 */
export function runNode(args, { env = {}, quiet = false } = {}) {
  return run(process.execPath, args, { env, quiet });
}

/**
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: Record<string, string | undefined>, quiet?: boolean, shell?: boolean }} [options]
 * @returns {Promise<number>}
 */
export function run(command, args, { env = {}, quiet = false, shell = false } = {}) {
  const child = spawn(command, args, {
    cwd: root,
    shell,
    stdio: ["ignore", quiet ? "ignore" : "inherit", quiet ? "ignore" : "inherit"],
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: "1", ...env },
  });
  let stoppedBy = 0;
  const passOn = (/** @type {NodeJS.Signals} */ signal) => {
    stoppedBy = signal === "SIGINT" ? 130 : 143;
    child.kill(signal);
  };
  process.on("SIGINT", passOn).on("SIGTERM", passOn);
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => {
      process.off("SIGINT", passOn).off("SIGTERM", passOn);
      if (stoppedBy) process.exit(stoppedBy);
      resolve(code ?? 1);
    });
  });
}

/**
 * The same, for steps that must succeed: the tool has already said what is wrong.
 * @param {string[]} args
 * @param {{ env?: Record<string, string | undefined>, quiet?: boolean }} [options]
 */
export async function mustRunNode(args, options) {
  if ((await runNode(args, options)) !== 0) throw new Said();
}

/**
 * Imports one of the app's TypeScript modules into a plain Node script, without touching how anything else loads.
 * @param {string} path from the project's folder
 */
export async function importTypeScript(path) {
  const { tsImport } = await import("tsx/esm/api");
  return tsImport(join(root, path), import.meta.url);
}
