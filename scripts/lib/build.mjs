import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { mustRunNode, root, tools } from "./run.mjs";

/** What a build is made from; tests, scripts and documents change nothing in it. */
const sources = [
  "app",
  "components",
  "db",
  "lib",
  "public",
  "instrumentation.ts",
  "instrumentation-client.ts",
  "next.config.js",
  "package-lock.json",
  "postcss.config.mjs",
  "tsconfig.json",
];

const stamp = join(root, ".next/keyturn-build.json");

/** Builds the app unless the last build was made from the same sources. Needs no database. */
export async function buildIfStale() {
  const digest = digestOfSources();
  if (digestOfBuild() === digest) return;
  console.log("Building …");
  // An interrupted build must not pass for a whole one.
  rmSync(stamp, { force: true });
  await mustRunNode([...tools.next, "build"], { env: { NODE_ENV: "production" } });
  writeFileSync(stamp, JSON.stringify({ digest }));
}

function digestOfBuild() {
  if (!existsSync(stamp) || !existsSync(join(root, ".next/BUILD_ID"))) return undefined;
  try {
    return JSON.parse(readFileSync(stamp, "utf8")).digest;
  } catch {
    return undefined;
  }
}

function digestOfSources() {
  const hash = createHash("sha256");
  for (const path of sources.flatMap(filesBelow).sort()) {
    hash.update(`${path}\0`).update(
      createHash("sha256")
        .update(readFileSync(join(root, path)))
        .digest(),
    );
  }
  return hash.digest("hex");
}

/**
 * @param {string} path
 * @returns {string[]}
 */
function filesBelow(path) {
  if (!existsSync(join(root, path))) return [];
  if (/\.(ts|tsx|js|mjs|json)$/.test(path)) return [path];
  const entries = readdirSync(join(root, path), { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile() && !/\.test\.tsx?$/.test(entry.name))
    .map((entry) =>
      join(entry.parentPath ?? entry.path, entry.name)
        .slice(root.length + 1)
        .replaceAll("\\", "/"),
    );
}
