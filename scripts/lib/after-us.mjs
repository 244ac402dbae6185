import { spawn } from "node:child_process";

const helper = `
const { existsSync, rmSync } = require("node:fs");
const { spawnSync } = require("node:child_process");
const { command, args, options, folders } = JSON.parse(process.argv[1]);
process.stdin.resume().on("close", async () => {
  // What is just starting cannot be stopped yet.
  for (let tries = 0; command && existsSync(folders[0]) && tries < 10; tries += 1) {
    if (spawnSync(command, args, options).status === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
  for (const folder of folders) rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 300 });
});`;

/**
 * Leaves a small process behind that cleans up when this one is gone, however it went: a handler of our own would
 * not run after SIGKILL, and what it should have ended would run on. It notices by the pipe that only we hold.
 * @param {{ command?: string, args?: string[], options?: object, folders: string[] }} last
 */
export function afterUs(last) {
  const child = spawn(process.execPath, ["-e", helper, JSON.stringify(last)], {
    stdio: ["pipe", "ignore", "ignore"],
    // Of another group, so that Ctrl-C does not reach it, and it outlives what it cleans up after.
    detached: true,
    windowsHide: true,
  });
  child.unref();
  /** @type {import("node:net").Socket} */ (child.stdin).unref();
}
