import { readFileSync } from "node:fs";

const patienceMilliseconds = 8_000;

/**
 * On SIGINT or SIGTERM: takes no new connection, lets running requests finish for some seconds, closes the rest and
 * the database, and ends with 0. Further signals change nothing: a terminal sends Ctrl-C to us and to npm, which
 * hands it on to us again.
 * @param {import("node:http").Server[]} servers
 * @param {Set<import("node:stream").Duplex>} upgraded
 * @param {() => Promise<unknown>} closeApp
 */
export function closeGracefully(servers, upgraded, closeApp) {
  let closing = false;
  const close = async () => {
    if (closing) return;
    closing = true;
    // Whatever hangs, the process does not.
    setTimeout(() => process.exit(1), 2 * patienceMilliseconds).unref();
    for (const socket of upgraded) socket.destroy();
    await Promise.race([Promise.all(servers.map(closed)), wait(patienceMilliseconds)]);
    for (const server of servers) server.closeAllConnections();
    await Promise.race([closeApp(), wait(patienceMilliseconds / 2)]);
    process.exit(0);
  };
  process.on("SIGINT", close).on("SIGTERM", close);
  stopWithNpm(close);
}

/** @param {import("node:http").Server} server */
function closed(server) {
  return new Promise((resolve) => {
    server.close(resolve);
    server.closeIdleConnections();
    // A kept-alive connection becomes idle only when its answer is out.
    const sweep = setInterval(() => server.closeIdleConnections(), 100);
    server.once("close", () => clearInterval(sweep));
  });
}

/**
 * npm that is killed hard hands no signal on. Its orphans then get another parent: we, or the shell between.
 * @param {() => void} close
 */
function stopWithNpm(close) {
  if (!process.env.npm_lifecycle_event || process.platform === "win32") return;
  const before = ancestors();
  setInterval(() => ancestors() !== before && close(), 1_000).unref();
}

function ancestors() {
  try {
    const [, grandparent] =
      /^\d+ \(.*\) \S (\d+)/s.exec(readFileSync(`/proc/${process.ppid}/stat`, "utf8")) ?? [];
    return `${process.ppid} ${grandparent}`;
  } catch {
    // No /proc: macOS, where the shell has made way for us.
    return `${process.ppid}`;
  }
}

/** @param {number} milliseconds */
function wait(milliseconds) {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
