import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root, run } from "./lib/run.mjs";
import { Stop, speaking } from "./lib/sentences.mjs";

/*
 * Runs before anything is installed, so it uses nothing but Node itself.
 */

/** Checks Node and brings node_modules to what package-lock.json says; does nothing when it is so already. */
export async function setup() {
  checkNode(process.versions.node);
  if (isInstalled()) return;
  console.log("Installing packages …");
  const npm = process.env.npm_execpath;
  // `npm ci` refuses a lock file that lacks another platform's optional packages. --include=dev: building needs them,
  // also where NODE_ENV=production makes npm leave them out.
  const args = ["install", "--no-save", "--no-audit", "--no-fund", "--include=dev", "--loglevel=error"];
  const isScript = npm !== undefined && /\.[cm]?js$/.test(npm);
  const code = isScript
    ? await run(process.execPath, [npm, ...args])
    : await run("npm", args, { shell: process.platform === "win32" });
  if (code !== 0)
    throw new Stop(
      "The packages could not be installed; see above, and check the connection to the npm registry.",
    );
}

/** @param {string} version */
export function checkNode(version) {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  throw new Stop(
    `Keyturn needs Node.js 20.19 or newer, and this is ${version}; install a current one from nodejs.org.`,
  );
}

/**
 * npm writes down what it installed once it has finished: compared with the lock file, that also sees an install that
 * was interrupted, a pull that changed the lock, and an install done by hand.
 */
function isInstalled() {
  const installed = packagesOf(join(root, "node_modules/.package-lock.json"));
  if (!installed) return false;
  const wanted = Object.entries(packagesOf(join(root, "package-lock.json")) ?? {});
  return wanted.every(
    ([path, { version, optional }]) => !path || optional || installed[path]?.version === version,
  );
}

/**
 * @param {string} file
 * @returns {Record<string, { version?: string, optional?: boolean }> | undefined}
 */
function packagesOf(file) {
  if (!existsSync(file)) return undefined;
  try {
    return JSON.parse(readFileSync(file, "utf8")).packages;
  } catch {
    return undefined;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) await speaking(setup);
