import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join, relative } from "node:path";
import { ensureChromium } from "./find-chromium.mjs";
import { buildIfStale } from "./lib/build.mjs";
import { root, runNode, tools } from "./lib/run.mjs";
import { sentenceOf, speaking } from "./lib/sentences.mjs";
import { setup } from "./setup.mjs";

/*
 * npm test: types, lint, unit and integration tests, build, browser tests, some faults. `check` is the part before the
 * build, `e2e` the part from the build on. A failure doesn't keep the later steps from running. The last lines name what
 * failed and count everything: types, lint and build as one test each, and a step that ran nothing as a failure.
 */
const reports = join(root, ".cache/test-reports");
/** Steps that failed without a test's name. @type {string[]} */
const failedSteps = [];

await speaking(async () => {
  await setup();
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const part = process.argv[2] ?? "all";
  const counts = [];
  if (part !== "e2e") counts.push(await types(), await lint(), await vitest());
  if (part !== "check") counts.push(...(await browser()));
  const sum = (/** @type {"passed" | "failed" | "skipped"} */ name) =>
    counts.reduce((total, one) => total + one[name], 0);
  for (const name of [...failedSteps, ...failedTests()]) console.log(`✗ ${name}`);
  console.log(`\n${sum("passed")} passed, ${sum("failed")} failed, ${sum("skipped")} skipped`);
  process.exitCode = sum("failed") > 0 || sum("passed") === 0 ? 1 : 0;
});

async function types() {
  // Next's own declarations are generated, and a fresh clone has none.
  await runNode([...tools.next, "typegen"], { quiet: true });
  return one("types", await runNode([...tools.tsc, "--noEmit"]));
}

async function lint() {
  return one("lint", await runNode([...tools.biome, "ci", "."]));
}

async function vitest() {
  const file = join(reports, "vitest.json");
  const code = await runNode([
    ...tools.vitest,
    "run",
    "--reporter=default",
    "--reporter=json",
    `--outputFile.json=${file}`,
  ]);
  const report = read(file);
  return checked("unit and integration tests", code, {
    passed: report?.numPassedTests ?? 0,
    failed: report?.numFailedTests ?? 0,
    skipped: (report?.numPendingTests ?? 0) + (report?.numTodoTests ?? 0),
  });
}

async function browser() {
  try {
    await buildIfStale();
  } catch {
    return [one("build", 1)];
  }
  try {
    await ensureChromium();
  } catch (fault) {
    console.error(sentenceOf(fault));
    return [one("build", 0), one("browser tests", 1)];
  }
  const file = join(reports, "playwright.json");
  const code = await runNode([...tools.playwright, "test", "--reporter=line,json"], {
    env: { PLAYWRIGHT_JSON_OUTPUT_NAME: file },
  });
  const stats = read(file)?.stats;
  const counted = {
    passed: stats?.expected ?? 0,
    failed: (stats?.unexpected ?? 0) + (stats?.flaky ?? 0),
    skipped: stats?.skipped ?? 0,
  };
  return [one("build", 0), checked("browser tests", code, counted), await faults()];
}

/** A few of the faults of npm run test:faults, always the same ones. */
async function faults() {
  const kinds = ["kill-app", "kill-postgres", "lose-commits", "cut-connections"];
  const chosen = kinds.flatMap((kind) => ["--only", kind]);
  const code = await runNode([...tools.tsx, "scripts/faults/main.ts", "--seed", "1", ...chosen]);
  const counts = read(join(reports, "faults.json"))?.counts;
  return checked("faults", code, counts ?? { passed: 0, failed: 0, skipped: 0 });
}

/**
 * What failed by the reports of the runners: a run is long, and its end is what is read.
 * @returns {string[]}
 */
function failedTests() {
  const unit = (read(join(reports, "vitest.json"))?.testResults ?? []).flatMap((file) => {
    const name = relative(root, file.name);
    const failed = file.assertionResults.filter((test) => test.status === "failed");
    if (file.status === "failed" && failed.length === 0)
      return [`${name} › before or after its tests ${firstLine(file.message)}`.trimEnd()];
    return failed.map((test) => `${name} › ${test.fullName}`);
  });
  const playwright = read(join(reports, "playwright.json"));
  const specs = (suite) => [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specs)];
  const browser = specs({ suites: playwright?.suites })
    .filter((spec) => !spec.ok)
    .map((spec) => `e2e/${spec.file}:${spec.line} › ${spec.title}`);
  const beside = (playwright?.errors ?? []).map(({ message }) => `browser tests › ${firstLine(message)}`);
  const faults = (read(join(reports, "faults.json"))?.wrong ?? []).map((words) => `faults › ${words}`);
  return [...unit, ...browser, ...beside, ...faults];
}

/** @param {string} [text] */
function firstLine(text = "") {
  return text.split("\n")[0];
}

/** @param {string} name @param {number} code */
function one(name, code) {
  if (code !== 0) failedSteps.push(name);
  console.log(code === 0 ? `✓ ${name}` : `✗ ${name} failed`);
  return { passed: code === 0 ? 1 : 0, failed: code === 0 ? 0 : 1, skipped: 0 };
}

/**
 * A runner that failed without a failed test, or that ran none, is a failure.
 * @param {string} name @param {number} code @param {{ passed: number, failed: number, skipped: number }} counted
 */
function checked(name, code, counted) {
  const silent = counted.failed === 0 && (code !== 0 || counted.passed === 0);
  if (silent) failedSteps.push(`${name}: the run itself`);
  console.log(
    `${name}: ${counted.passed} passed, ${counted.failed} failed${silent ? "; the run itself failed" : ""}`,
  );
  return silent ? { ...counted, failed: 1 } : counted;
}

/** @param {string} file */
function read(file) {
  return existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : null;
}
