import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";

const file = "docs/tour.md";
const text = readFileSync(file, "utf8");

/** What is set as code and looks like a file or folder of this repository: with a folder in it, and no leading slash. */
const named = [...text.matchAll(/`([\w.()[\]-]+(?:\/[\w.()[\]-]*)+)`/g)].map(([, path]) => path ?? "");
/** A file by its bare name leads nobody anywhere. */
const bare = [...text.matchAll(/`([\w-]+\.(?:ts|tsx|md|mjs))`/g)].map(([, path]) => path ?? "");
const links = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => join(dirname(file), path ?? ""));

describe("the tour", () => {
  it("leads to files", () => {
    expect(named.length).toBeGreaterThan(15);
    expect([...named, ...links].filter((path) => !existsSync(path))).toEqual([]);
    expect(bare).toEqual([]);
  });
});
