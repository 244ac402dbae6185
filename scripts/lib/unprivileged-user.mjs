import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";

/**
 * For what refuses to run as root: the user `postgres` where there is one, else `nobody`. Undefined when we are no
 * root, and then nothing needs changing.
 * @returns {{ uid: number, gid: number } | undefined}
 */
export function unprivilegedUser() {
  if (process.getuid?.() !== 0) return undefined;
  const users = readFileSync("/etc/passwd", "utf8")
    .split("\n")
    .map((line) => line.split(":"));
  const found = users.find(([name]) => name === "postgres") ?? users.find(([name]) => name === "nobody");
  return found ? { uid: Number(found[2]), gid: Number(found[3]) } : { uid: 65_534, gid: 65_534 };
}

/** A place for temporary folders that this user can reach: root's own TMPDIR may be closed to others. */
export function temporaryFolder() {
  return process.getuid?.() === 0 ? "/tmp" : tmpdir();
}
