import { existsSync } from "node:fs";
import { Server } from "node:http";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { closeGracefully } from "./lib/close.mjs";
import { listen } from "./lib/listen.mjs";
import { importTypeScript, root } from "./lib/run.mjs";
import { Stop, speaking } from "./lib/sentences.mjs";
import { checkNode } from "./setup.mjs";

/*
 * node scripts/serve.mjs [--dev]
 *
 * Next behind our own HTTP server, because some requests must not reach Next at all (lib/platform/request-gate.ts)
 * and a loopback origin must listen on loopback alone, under both of its addresses.
 */

/**
 * Serves until a signal comes. Answers the checked environment once requests are answered.
 * @param {{ dev?: boolean }} [options]
 */
export async function serve({ dev = false } = {}) {
  checkNode(process.versions.node);
  Object.assign(process.env, { NODE_ENV: dev ? "development" : "production", NEXT_TELEMETRY_DISABLED: "1" });
  const { environment } = await importTypeScript("lib/platform/env.ts");
  const env = environment();
  if (!dev && !existsSync(join(root, ".next/BUILD_ID"))) {
    throw new Stop('Keyturn is not built yet; run "npm run build", or "npm start", which builds it.');
  }
  await claimData(env);
  const { requestGate, mayUpgrade } = await importTypeScript("lib/platform/request-gate.ts");
  const facts = { ...env, development: dev };

  const { default: next } = await import("next");
  // Next hangs its own upgrade listener on the server it is told of. This one never listens: what may pass is handed on.
  const inner = new Server();
  const app = next({ dev, dir: root, hostname: env.url.hostname, port: env.port, httpServer: inner });
  /** @type {(handler: ReturnType<typeof app.getRequestHandler>) => void} */
  let begin = () => {};
  const handler = new Promise((resolve) => {
    begin = resolve;
  });
  // Whoever comes before Next is prepared waits for it.
  const gate = requestGate(facts, async (request, response) => (await handler)(request, response));
  const servers = await listen(env.bindAddresses, env.port, gate);
  const upgraded = new Set();
  for (const server of servers) {
    server.on("upgrade", (request, socket, head) => {
      if (!mayUpgrade(facts, request)) return socket.destroy();
      upgraded.add(socket.on("close", () => upgraded.delete(socket)));
      inner.emit("upgrade", request, socket, head);
    });
  }
  closeGracefully(servers, upgraded, async () => {
    await app.close();
    await globalThis.keyturnClose?.();
  });
  await app.prepare();
  begin(app.getRequestHandler());
  if (!dev) await databaseOpened(env);
  return env;
}

/** instrumentation.ts opens it beside Next's own start, and Next goes on whether it fails or not. */
async function databaseOpened(env) {
  const giveUp = Date.now() + 120_000;
  while (!globalThis.keyturnClose && !globalThis.keyturnFault && Date.now() < giveUp) await setTimeout(50);
  if (globalThis.keyturnClose) return;
  throw new Stop(
    env.databaseUrl
      ? "The database cannot be opened; check DATABASE_URL and that the server is running."
      : `The database in ${env.dataDir} cannot be opened; restore the folder from a copy, or remove it to begin anew.`,
  );
}

/**
 * Faults of database and data folder, before anything slow begins: Next would go on in spite of them and fail every
 * request. Its own copies of these modules then find lock and secrets taken (globalThis).
 */
async function claimData(env) {
  const { secrets } = await importTypeScript("lib/platform/secrets.ts");
  if (env.databaseUrl) {
    const { default: pg } = await import("pg");
    const client = new pg.Client({ connectionString: env.databaseUrl, connectionTimeoutMillis: 10_000 });
    await client.connect();
    await client.end();
  } else {
    const { lockDataFolder } = await importTypeScript("lib/platform/data-lock.ts");
    lockDataFolder(env.dataDir);
  }
  secrets();
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await speaking(async () => {
    const { origin } = await serve({ dev: process.argv.includes("--dev") });
    console.log(`Keyturn answers on ${origin}`);
  });
}
