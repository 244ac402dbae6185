import { existsSync, readFileSync } from "node:fs";
import { expect, test } from "@playwright/test";
import { rules } from "./rules";

/** 1 to 33, and those that came in between. */
const ids = Array.from({ length: 33 }, (_, index) => `${index + 1}`).flatMap((id) => {
  if (id === "7") return ["7", "7a", "7b", "7c", "7d"];
  return id === "20" ? ["20", "20a"] : [id];
});

test("every rule is listed, and held by a test or said to be open", () => {
  expect(rules.map(({ id }) => id)).toEqual(ids);
  for (const { id, tests } of rules) expect(Object.values(tests).flat(), id).not.toEqual([]);
});

test("every test that a rule names is there", () => {
  const missing = rules.flatMap(({ id, tests }) =>
    Object.entries(tests).flatMap(([file, titles]) =>
      titles.filter((title) => !isTitleIn(file, title)).map((title) => `${id}: ${file} has no “${title}”`),
    ),
  );
  expect(missing).toEqual([]);
});

test("every file that a rule names is run, and nothing in it is switched off", () => {
  const files = [...new Set(rules.flatMap(({ tests }) => Object.keys(tests)))];
  // As vitest.config.ts and playwright.config.ts choose them; the contract is what the factors' tests call.
  const run = /^(?!e2e\/).+\.test\.tsx?$|^e2e\/(attacks|journeys|demo)\/.+\.spec\.ts$|factor-contract\.ts$/;
  expect(files.filter((file) => !run.test(file))).toEqual([]);
  const off = /\b(describe|it|test)(\.\w+)*\.(skip|only|todo|fixme|fails|skipIf|runIf)\b/;
  expect(files.filter((file) => existsSync(file) && off.test(readFileSync(file, "utf8")))).toEqual([]);
});

/** Whether a file has a test, or a case of one, of this title: the first argument or member, and run everywhere. */
function isTitleIn(file: string, title: string): boolean {
  if (!existsSync(file)) return false;
  const source = readFileSync(file, "utf8");
  for (const written of [JSON.stringify(title), `\`${title}\``]) {
    for (let at = source.indexOf(written); at >= 0; at = source.indexOf(written, at + 1)) {
      const before = source.slice(0, at).trimEnd();
      if (/[([]$/.test(before) && !/\.(skip|fixme|todo|fails)\w*\($/.test(before) && !needsFile(before))
        return true;
    }
  }
  return false;
}

/** Whether what comes next is there only where some file is: by the lines around it, each less indented than the last. */
function needsFile(before: string): boolean {
  let depth = Number.POSITIVE_INFINITY;
  for (const line of before.split("\n").reverse()) {
    const indent = line.search(/\S/);
    if (indent < 0 || indent >= depth) continue;
    if (line.startsWith("if (existsSync(", indent)) return true;
    depth = indent;
  }
  return false;
}
