import { spawnSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { pathToFileURL } from "node:url";
import { run, runNode, tools } from "./lib/run.mjs";
import { Stop, speaking } from "./lib/sentences.mjs";

/*
 * The Chromium for the browser tests: Playwright's own, else the machine's, else one that is installed now.
 *
 * node scripts/find-chromium.mjs finds or installs one, and prints its path.
 */

/** Silence towards the network: on a closed one the browser's own look-ups fail and slow every start. */
const quiet = [
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--disable-quic",
  "--no-first-run",
  // A machine without a graphics card draws with its processor anyway; a process for it only costs.
  "--disable-gpu",
];

/** Launch arguments; Chromium's sandbox does not start as root. */
export const chromiumArguments = process.getuid?.() === 0 ? ["--no-sandbox", ...quiet] : quiet;

/**
 * The path of a Chromium that runs, or undefined. Remembered in KEYTURN_CHROMIUM, which can also be set by hand and
 * which Playwright's workers inherit.
 * @returns {string | undefined}
 */
export function findChromium() {
  const given = process.env.KEYTURN_CHROMIUM;
  if (given) return given;
  const found = candidates().find((path) => existsSync(path) && runs(path));
  if (found) process.env.KEYTURN_CHROMIUM = found;
  return found;
}

/** Finds one, or installs it: Playwright's build where its host is reached, the distribution's on Debian as root. */
export async function ensureChromium() {
  const found = findChromium();
  if (found) return found;
  console.log("Installing a Chromium for the browser tests …");
  for (const install of [installPlaywrights, installDebians]) {
    await install();
    const installed = findChromium();
    if (installed) return installed;
  }
  throw new Stop(
    "No Chromium was found or could be installed; install one, or set KEYTURN_CHROMIUM to its path.",
  );
}

function candidates() {
  return [...playwrights(), ...onPath(), ...installed()];
}

/** Where `playwright install` puts its builds, newest first. */
function playwrights() {
  const caches = { darwin: "Library/Caches", win32: "AppData/Local" };
  const home =
    process.env.PLAYWRIGHT_BROWSERS_PATH ??
    join(homedir(), caches[process.platform] ?? ".cache", "ms-playwright");
  if (!existsSync(home)) return [];
  const builds = readdirSync(home).filter((name) => /^chromium-\d+$/.test(name));
  const newestFirst = builds.sort((a, b) => b.localeCompare(a, "en", { numeric: true }));
  return newestFirst.flatMap((build) =>
    [
      "chrome-linux/chrome",
      "chrome-linux64/chrome",
      "chrome-mac/Chromium.app/Contents/MacOS/Chromium",
      "chrome-mac-arm64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
      "chrome-mac-x64/Google Chrome for Testing.app/Contents/MacOS/Google Chrome for Testing",
      "chrome-win/chrome.exe",
      "chrome-win64/chrome.exe",
    ].map((path) => join(home, build, path)),
  );
}

function onPath() {
  const names = ["chromium", "google-chrome", "google-chrome-stable", "chromium-browser"];
  const folders = (process.env.PATH ?? "").split(delimiter).filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => join(folder, name)));
}

function installed() {
  if (process.platform === "darwin") {
    const names = ["Chromium", "Google Chrome"];
    return names.map((name) => `/Applications/${name}.app/Contents/MacOS/${name}`);
  }
  if (process.platform !== "win32") return [];
  const homes = [process.env.ProgramFiles, process.env["ProgramFiles(x86)"], process.env.LOCALAPPDATA];
  return homes.flatMap((home) => (home ? [join(home, "Google/Chrome/Application/chrome.exe")] : []));
}

/** Ubuntu ships a `chromium-browser` that only tells to install a snap. On Windows Chrome prints no version. */
function runs(path) {
  if (process.platform === "win32") return true;
  const { status, stdout } = spawnSync(path, ["--version"], { encoding: "utf8", timeout: 60_000 });
  return status === 0 && /chrom/i.test(stdout);
}

async function installPlaywrights() {
  await runNode([...tools.playwright, "install", "chromium"], { quiet: true });
}

async function installDebians() {
  if (process.getuid?.() !== 0 || !existsSync("/usr/bin/apt-get")) return;
  const env = { DEBIAN_FRONTEND: "noninteractive" };
  await run("apt-get", ["update", "-qq"], { env, quiet: true });
  await run("apt-get", ["install", "-y", "-qq", "--no-install-recommends", "chromium"], { env, quiet: true });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  await speaking(async () => console.log(await ensureChromium()));
}
