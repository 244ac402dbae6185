import { spawn } from "node:child_process";

const helper = `
const { command, args, options, folders } = JSON.parse(process.argv[1]);
process.stdin.resume().on("close", () => {
  if (command) require("node:child_process").spawnSync(command, args, options);
  for (const folder of folders) require("node:fs").rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
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
