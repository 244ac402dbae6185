import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/*
 * Imports point one way, and a forgotten check has nowhere to write: these tests read the sources themselves, so
 * that neither a cast nor a shortcut gets around the pipeline unnoticed. An exception stands in a list below,
 * with its reason.
 */

type Import = { to: string; typeOnly: boolean };
type Source = { path: string; text: string; code: string; imports: Import[] };

const root = fileURLToPath(new URL("..", import.meta.url));
const slashes = (path: string) => path.split(sep).join(posix.sep);

/** What tests share, under names of its own. */
const helpers = new Set(["db/testing.ts", "db/seed/testing.ts", "lib/step-up/factors/factor-contract.ts"]);
const isTest = (path: string) =>
  /\.(test|compile-test)\.tsx?$/.test(path) || path.startsWith("lib/testing/") || helpers.has(path);

const sources: Source[] = ["app", "components", "lib", "db", "scripts"]
  .filter((folder) => existsSync(join(root, folder)))
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((path) => `${folder}/${path}`),
  )
  .concat(readdirSync(root))
  .map(slashes)
  .filter((path) => /\.(ts|tsx|mjs|js)$/.test(path) && !isTest(path))
  .map(readSource);

const files = new Set(sources.map(({ path }) => path));

function readSource(path: string): Source {
  const text = readFileSync(join(root, path), "utf8");
  const code = withoutComments(text);
  return { path, text, code, imports: importsOf(path, code) };
}

function withoutComments(text: string): string {
  const stringOrComment =
    /("(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\[\s\S]|[^`\\])*`)|\/\*[\s\S]*?\*\/|\/\/[^\n]*/g;
  return text.replace(stringOrComment, (_, kept: string | undefined) => kept ?? "");
}

function importsOf(path: string, code: string): Import[] {
  const found: Import[] = [];
  const statement =
    /(?:^|;)\s*(?:import|export)\b(\s+type\b)?\s*([\w*{}\s,$]*?)\s*\bfrom\s*["']([^"']+)["']/gm;
  for (const [, type, names, to] of code.matchAll(statement)) {
    found.push({ to: resolveImport(path, to!), typeOnly: Boolean(type) || onlyTypes(names ?? "") });
  }
  for (const [, to] of code.matchAll(/(?:^|;)\s*import\s*["']([^"']+)["']/gm))
    found.push({ to: resolveImport(path, to!), typeOnly: false });
  for (const [, typed, to] of code.matchAll(/(typeof\s+)?\b(?:import|require)\s*\(\s*["'`]([^"'`]+)["'`]/g)) {
    found.push({ to: resolveImport(path, to!), typeOnly: Boolean(typed) });
  }
  return found;
}

/** `import { type A, type B }` brings no value along. */
function onlyTypes(names: string): boolean {
  const inner = /^\{([\s\S]*)\}$/.exec(names.trim())?.[1];
  if (inner === undefined) return false;
  return inner
    .split(",")
    .filter((name) => name.trim())
    .every((name) => /^\s*type\s/.test(name));
}

/** A file of this project by its path; a package by its name. */
function resolveImport(from: string, to: string): string {
  const local = to.startsWith("@/") ? to.slice(2) : to.startsWith(".") ? posix.join(dirname(from), to) : null;
  if (local === null) return to;
  const endings = ["", ".ts", ".tsx", ".d.ts", "/index.ts", ".css", ".js"];
  const file = endings
    .map((ending) => local + ending)
    .find((one) => /\.\w+$/.test(one) && existsSync(join(root, one)));
  // What isn't there is the compiler's to report: here it counts as the file that it would be.
  return file ? slashes(relative(root, join(root, file))) : local;
}

const isPackage = (to: string) =>
  !/^(app|components|lib|db|scripts)\//.test(to) && !files.has(to) && !existsSync(join(root, to));
const within = (folder: string) => (path: string) => path === folder || path.startsWith(`${folder}/`);
const any =
  (...tests: ((path: string) => boolean)[]) =>
  (path: string) =>
    tests.some((test) => test(path));

/** The imports, as `from → to`, of the files in `folder` that `allowed` does not know. */
function strays(
  folder: string,
  allowed: (to: string, edge: { from: string; typeOnly: boolean }) => boolean,
): string[] {
  return sources
    .filter(({ path }) => within(folder)(path))
    .flatMap(({ path, imports }) =>
      imports
        .filter(({ to, typeOnly }) => !isPackage(to) && !allowed(to, { from: path, typeOnly }))
        .map(({ to, typeOnly }) => `${path} → ${to}${typeOnly ? " (types)" : ""}`),
    );
}

/** Files whose code, comments aside, matches. */
const having = (pattern: RegExp) => sources.filter(({ code }) => pattern.test(code)).map(({ path }) => path);

/** Values from lib that a component may take besides types: pure, small, and sending nothing to the browser but words. */
const valuesForComponents = new Map([
  ["lib/audit/describe.ts", "turns an event into words; a switch over a union and nothing else"],
  ["lib/audit/action-words.ts", "a table of words"],
  ["lib/step-up/factor-words.ts", "a table of words"],
  ["lib/step-up/span.ts", "turns seconds into words"],
]);

describe("imports point one way", () => {
  it("were found at all", () => {
    expect(sources.length).toBeGreaterThan(100);
    expect(sources.flatMap(({ imports }) => imports).length).toBeGreaterThan(400);
    for (const { path, code, imports } of sources) {
      const written = code.match(/^(?:import|\} from|export .* from)\b.*["'][^"']+["'];?$/gm) ?? [];
      expect(imports.length, path).toBeGreaterThanOrEqual(written.length);
    }
  });

  it("and none is computed, which these tests could not see", () => {
    expect(having(/\b(import|require)\s*\(\s*[^"'`\s]/)).toEqual([]);
  });

  it("app → components, lib, and types of db", () => {
    const allowed = any(within("app"), within("components"), within("lib"));
    expect(strays("app", (to, { typeOnly }) => allowed(to) || (typeOnly && within("db")(to)))).toEqual([]);
  });

  it("components → components, and types of lib and db", () => {
    const types = any(within("lib"), within("db"));
    const stray = strays("components", (to, { typeOnly }) => {
      return within("components")(to) || (typeOnly && types(to)) || valuesForComponents.has(to);
    });
    expect(stray).toEqual([]);
  });

  it("and a value that components take brings nothing else along", () => {
    for (const path of valuesForComponents.keys()) {
      expect(
        strays(path, (to, { typeOnly }) => typeOnly || valuesForComponents.has(to)),
        path,
      ).toEqual([]);
    }
  });

  it("primitives of the interface → primitives alone", () => {
    expect(strays("components/ui", within("components/ui"))).toEqual([]);
  });

  it("lib → neither pages nor components", () => {
    expect(strays("lib", any(within("lib"), within("db")))).toEqual([]);
  });

  it("the step-up layer → platform, its own tables, types of the database", () => {
    const allowed = any(within("lib/step-up"), within("lib/platform"), within("db/schema/step-up.ts"));
    const typed = within("db/client.ts");
    expect(strays("lib/step-up", (to, { typeOnly }) => allowed(to) || (typeOnly && typed(to)))).toEqual([]);
  });

  it("the step-up layer knows no framework", () => {
    const frameworks = /^(next|react|react-dom|next-auth)(\/|$)/;
    const seen = sources.filter(({ path }) => within("lib/step-up")(path));
    expect(
      seen.filter(({ imports }) => imports.some(({ to }) => frameworks.test(to))).map(({ path }) => path),
    ).toEqual([]);
  });

  it("a factor knows no other factor", () => {
    const folder = (path: string) => /^lib\/step-up\/factors\/([^/]+)\//.exec(path)?.[1];
    expect(
      strays("lib/step-up/factors", (to, { from }) => !folder(to) || folder(to) === folder(from)),
    ).toEqual([]);
  });

  it("the pipeline knows factors by the registry alone; only binding a new one knows them by name", () => {
    const shared = any(within("lib/step-up/factors/factor.ts"), within("lib/step-up/factors/registry.ts"));
    const outside = any(within("lib/step-up/factors"), within("lib/step-up/enrolment"));
    const factor = within("lib/step-up/factors");
    expect(strays("lib/step-up", (to, { from }) => outside(from) || !factor(to) || shared(to))).toEqual([]);
  });

  it("audit → db, platform, the words of factors, and the names of actions", () => {
    const words = within("lib/step-up/factor-words.ts");
    const allowed = any(within("lib/audit"), within("lib/platform"), within("db"), words);
    const names = any(within("lib/protected-actions.ts"), within("lib/public-actions.ts"));
    expect(strays("lib/audit", (to, { typeOnly }) => allowed(to) || (typeOnly && names(to)))).toEqual([]);
  });

  it("db → platform", () => {
    // What fills a database (seed) speaks the domain's own words; what opens and describes it must not.
    const allowed = any(within("db"), within("lib/platform"));
    expect(strays("db", (to, { from }) => within("db/seed")(from) || allowed(to))).toEqual([]);
  });

  it("platform → nothing, but the one that opens the database", () => {
    const stray = strays("lib/platform", (to, { from }) => {
      return (
        within("lib/platform")(to) || (from === "lib/platform/running-database.ts" && to === "db/client.ts")
      );
    });
    expect(stray).toEqual([]);
  });

  it("only pages and actions → where the parts are plugged together", () => {
    const stray = sources
      .filter(({ path }) => !within("app")(path))
      .filter(({ imports }) => imports.some(({ to }) => /^lib\/define-(public-)?action\.ts$/.test(to)));
    expect(stray.map(({ path }) => path)).toEqual([]);
  });

  it("nothing that ships → what tests use", () => {
    const stray = sources.filter(({ imports }) => imports.some(({ to }) => isTest(to)));
    expect(stray.map(({ path }) => path)).toEqual([]);
  });

  it("the framework's request is read in two places of lib", () => {
    const seen = sources.filter(({ path, imports }) => {
      return within("lib")(path) && imports.some(({ to, typeOnly }) => !typeOnly && /^next(\/|$)/.test(to));
    });
    expect(seen.map(({ path }) => path).sort()).toEqual([
      "lib/session/current-session.ts",
      "lib/session/require-session.ts",
    ]);
  });
});

describe("a forgotten check has nowhere to write", () => {
  const filling = any(within("db"), within("scripts"));

  it("the running database is known to the pipeline, the session, and what starts and watches the process", () => {
    const known = new Set([
      "lib/define-action.ts",
      "lib/define-public-action.ts",
      "lib/platform/running-database.ts",
      "lib/session/auth-options.ts",
      "lib/session/current-session.ts",
      "instrumentation.ts",
      "app/api/ready/route.ts",
    ]);
    expect(
      having(/\brunningDatabase\b/).filter((path) => !known.has(path) && !within("scripts")(path)),
    ).toEqual([]);
    const global = having(/\bkeyturnDatabase\b/).filter((path) => !within("scripts")(path));
    expect(global).toEqual(["lib/platform/running-database.ts"]);
  });

  it("of the routes, the one that is asked whether the database is reachable takes the reader", () => {
    const ready = sources.find(({ path }) => path === "app/api/ready/route.ts");
    expect(ready?.code).toMatch(/const \{ reader \} = await runningDatabase\(\)/);
    expect(
      having(/(?<!running-)\bdatabase\b/i).filter(
        (path) => within("app")(path) && !/\/api\/ready\//.test(path),
      ),
    ).toEqual([]);
  });

  it("a database is opened by the process, by scripts, and by nothing else", () => {
    const stray = having(/\bopenDatabase\b|new Pool\(|new PGlite\(|PGlite\.create\(/);
    expect(stray.filter((path) => path !== "lib/platform/running-database.ts" && !filling(path))).toEqual([]);
  });

  it("the writable handle's type is named by the session, the layer's port, and the loops in the background", () => {
    const known = [
      "lib/session/rotation.ts",
      "lib/session/sign-in.ts",
      "lib/step-up/ports.ts",
      // Notes what was sent, on the outbox alone, outside any request; instrumentation.ts hands over the database.
      "lib/notices/deliver.ts",
      "lib/notices/start-mail.ts",
      // Notes what the gateway tells of a message, on the outbox alone, too.
      "lib/notices/follow.ts",
      // Deletes what is over, as its list says.
      "lib/housekeeping/start-housekeeping.ts",
      "lib/housekeeping/sweep.ts",
      // Sets deadlines and mails about them, as the policy says.
      "lib/housekeeping/keep-deadlines.ts",
      // Gives rows their leaves, and tells the witness: outside any request, too.
      "lib/audit/log/keep-sealing.ts",
      "lib/audit/log/seal-rows.ts",
      "lib/audit/log/start-sealing.ts",
      "lib/notices/mail-witness.ts",
    ];
    const named = having(/import[^;]*\bDatabase\b[^;]*from "@\/db\/client"/);
    expect(named.filter((path) => !known.includes(path) && !filling(path))).toEqual([]);
  });

  it("transactions are begun by the pipeline, the page gate, the session and the background", () => {
    const known = [
      "lib/audit/log/seal-rows.ts",
      "lib/define-public-action.ts",
      "lib/housekeeping/keep-deadlines.ts",
      "lib/housekeeping/sweep.ts",
      "lib/notices/mail-witness.ts",
      // A savepoint in the pipeline's own: the same work, kept or rolled back.
      "lib/platform/keeping.ts",
      "lib/session/auth-options.ts",
      "lib/session/sign-in.ts",
      "lib/step-up/define-action.ts",
      // Says what went out when a download has ended: the answer has begun long before.
      "lib/step-up/download.ts",
      "lib/step-up/page-gate.ts",
      "lib/step-up/verify-proof.ts",
    ];
    const begun = having(/\.transaction\(/);
    expect(begun.filter((path) => !known.includes(path) && !filling(path))).toEqual([]);
  });

  it("a form that is sent before its script is there puts nothing into an address", () => {
    const loose = having(/<form(?![^>]*method="post")/);
    // What is searched for and filtered by belongs into the address.
    expect(loose.sort()).toEqual([
      "components/admin/audit/audit-filters.tsx",
      "components/admin/people-filters.tsx",
      "components/customers/customer-filters.tsx",
    ]);
  });

  it("grants are opened by the pipeline alone", () => {
    expect(having(/\bopenGrant\b/).sort()).toEqual(["lib/step-up/define-action.ts", "lib/step-up/grant.ts"]);
  });

  it("no cast makes a grant, and nothing is cast to any", () => {
    const casts = /\bas\s+(unknown\s+as\s+)?Grant\b|<Grant<[^>]*>>|\bsatisfies\s+Grant\b/;
    expect(having(casts)).toEqual(["lib/step-up/grant.ts"]);
    expect(having(/\bas\s+any\b|<any>|:\s*any\b/)).toEqual([]);
    expect(having(/\bas\s+(unknown\s+as\s+)?(Tx|Database)\b/)).toEqual(["db/client.ts"]);
  });

  it("no check of the compiler is switched off", () => {
    const off = sources.filter(({ text }) => /@ts-(ignore|nocheck|expect-error)/.test(text));
    expect(off.map(({ path }) => path)).toEqual([]);
  });
});

describe("what the browser can call", () => {
  const actionFiles = sources.filter(({ path }) => within("app/actions")(path));
  const exported = /^export const (\w+) = define(?:Public)?Action\(([\w.]+)\);$/gm;

  it("is in app/actions, file by file, and in no function elsewhere", () => {
    expect(having(/["']use server["']/).sort()).toEqual(actionFiles.map(({ path }) => path).sort());
    for (const { path, text } of actionFiles) {
      expect(text.startsWith('"use server";\n'), path).toBe(true);
      expect(text.match(/use server/g), path).toHaveLength(1);
    }
  });

  it("is what defineAction or definePublicAction made, and nothing else", () => {
    for (const { path, code } of actionFiles) {
      const rest = code
        .replace('"use server";', "")
        .replaceAll(/^import [^;]* from "[^"]+";$/gm, "")
        .replaceAll(exported, "");
      expect(rest.trim(), path).toBe("");
      const maker = /import \{ define(Public)?Action \} from "@\/lib\/define-(public-)?action";/;
      expect(code, path).toMatch(maker);
    }
  });

  it("carries no bound data along", () => {
    const stray = having(/\.bind\(/).filter(any(within("app"), within("components"), within("lib")));
    expect(stray).toEqual([]);
  });

  it("is each command once, and every command", () => {
    const defined = sources.flatMap(({ path, code }) =>
      [...code.matchAll(/^export const (\w+) = define(?:Public)?Command\(/gm)].map(
        ([, name]) => `${path}#${name}`,
      ),
    );
    const calls = sources
      .filter(({ path }) => path !== "lib/command.ts" && path !== "lib/public-command.ts")
      .flatMap(({ code }) => code.match(/\bdefine(Public)?Command\(/g) ?? []);
    expect(calls.length).toBe(defined.length);
    expect(actionFiles.flatMap(commandsOf).sort()).toEqual(defined.sort());
  });

  /** The commands that an action file hands to defineAction, each as `file#name`. */
  function commandsOf({ path, code }: Source): string[] {
    const known = new Map<string, string>();
    for (const [, names, to] of code.matchAll(/^import ([^;]*?) from "([^"]+)";$/gm)) {
      const file = resolveImport(path, to!);
      const space = /^\* as (\w+)$/.exec(names!.trim());
      if (space) known.set(`${space[1]}.`, `${file}#`);
      for (const part of (/\{([^}]*)\}/.exec(names!)?.[1] ?? "").split(",")) {
        const [name, alias] = part.trim().split(/\s+as\s+/);
        if (name) known.set(alias ?? name, `${file}#${name}`);
      }
    }
    return [...code.matchAll(exported)].map(([, , handed]) => {
      const [space, member] = handed!.split(".");
      return member ? `${known.get(`${space}.`)}${member}` : `${known.get(handed!)}`;
    });
  }
});
