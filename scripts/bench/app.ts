import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { mustRunNode, root } from "../lib/run.mjs";

/*
 * What is compared with the product must be in the same build, and must not be in the product: the sources are copied,
 * an empty page, empty actions and a clock of the server's processor are put beside them, and the copy is built.
 */

/** Inside the project, so that the copy's packages are the project's. */
export const benchApp = join(root, ".cache/bench/app");

const copied = [
  "app",
  "components",
  "db",
  "lib",
  "public",
  "scripts",
  "instrumentation.ts",
  "instrumentation-client.ts",
  "next.config.js",
  "package.json",
  "package-lock.json",
  "postcss.config.mjs",
  "tsconfig.json",
];

const added = {
  "actions.ts": "app/actions/bench.ts",
  "edit-bare.ts": "lib/bench-edit.ts",
  "page.tsx": "app/bench/page.tsx",
  "route.ts": "app/api/bench/route.ts",
};

const appended = {
  // An action of another page would be forwarded, which costs a request more.
  "app/layout.tsx": 'import "@/app/actions/bench";\n',
  "lib/define-action.ts": "export { ports };\n",
  // Tailwind passes over what git ignores, unless it is named.
  "app/globals.css": '@source "..";\n',
};

/** The copy's packages are a link to outside of it, which Turbopack follows only below its root. */
const nextConfig = `import product from "./lib/bench-next-config.js";
export default { ...product, turbopack: { root: ${JSON.stringify(root)} } };
`;

/** The measurements themselves stay here, and so do tests. */
const isCopied = (path: string) => !/scripts[\\/]bench\b|\.test\.tsx?$/.test(path);

/** Makes and builds the copy. What the last build kept for the next one stays. */
export async function buildBenchApp(): Promise<void> {
  mkdirSync(benchApp, { recursive: true });
  for (const path of copied) {
    const to = join(benchApp, path);
    rmSync(to, { recursive: true, force: true });
    if (existsSync(join(root, path))) cpSync(join(root, path), to, { recursive: true, filter: isCopied });
  }
  const packages = join(benchApp, "node_modules");
  if (!existsSync(packages)) symlinkSync(join(root, "node_modules"), packages, "junction");
  for (const [template, path] of Object.entries(added)) {
    const from = join(root, "scripts/bench/templates", `${template}.template`);
    cpSync(from, join(benchApp, path), { recursive: true });
  }
  for (const [path, text] of Object.entries(appended)) appendFileSync(join(benchApp, path), `\n${text}`);
  renameSync(join(benchApp, "next.config.js"), join(benchApp, "lib/bench-next-config.js"));
  writeFileSync(join(benchApp, "next.config.js"), nextConfig);
  await mustRunNode([join(benchApp, "scripts/build.mjs")]);
}
