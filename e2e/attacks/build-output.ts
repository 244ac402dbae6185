import { readFileSync } from "node:fs";

/*
 * What the built app answers at all, from the build's own lists, so that a new action or page cannot be forgotten.
 * Read when a test runs, not when it is listed: the build may be newer than the list.
 */

export type BuiltAction = { id: string; name: string; workers: string[] };

/** Every server action of the build. */
export function builtActions(): BuiltAction[] {
  const { node } = readJson("server-reference-manifest.json") as {
    node: Record<string, { exportedName: string; workers: Record<string, unknown> }>;
  };
  return Object.entries(node).map(([id, { exportedName, workers }]) => ({
    id,
    name: exportedName,
    workers: Object.keys(workers),
  }));
}

/** Every page and route of the build as a path, with `[name]` where something of the address goes. */
export function builtRoutes(): string[] {
  const manifest = readJson("app-paths-manifest.json") as Record<string, string>;
  return Object.keys(manifest)
    .filter((key) => !key.startsWith("/_"))
    .map((key) => key.replace(/\/(page|route)$/, "").replaceAll(/\/\([^)]+\)/g, "") || "/")
    .sort();
}

/** Every page of the build as an action's `workers` name it: "app/(signed-in)/customers/page". */
export function builtPages(): string[] {
  const manifest = readJson("app-paths-manifest.json") as Record<string, string>;
  return Object.keys(manifest)
    .filter((key) => key.endsWith("/page") && !key.startsWith("/_"))
    .map((key) => `app${key}`);
}

const files = new Map<string, unknown>();

function readJson(file: string): unknown {
  if (!files.has(file)) files.set(file, JSON.parse(readFileSync(`.next/server/${file}`, "utf8")));
  return files.get(file);
}
