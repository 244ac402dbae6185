import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

/* The pages of docs/ name code and tests; what they name must be there, and what they count must be right. */

const folder = fileURLToPath(new URL(".", import.meta.url));
const root = join(folder, "../..");
const pagesIn = (path: string) =>
  readdirSync(join(folder, path))
    .filter((name) => name.endsWith(".md"))
    .map((name) => join(path, name));
const pages = ["", "..", "../decisions"].flatMap(pagesIn);
const text = (page: string) => readFileSync(join(folder, page), "utf8");

const statuses = ["met", "partly", "not met", "does not apply"] as const;
type Row = { id: string; level: string; status: string; why: string; paths: string[] };

/** The rows of the table, chapter by chapter; the lists above it begin with links and are none. */
const table = text("asvs-5.0-level-2.md");
const rows = table.split("\n").filter((line) => /^\| V\d/.test(line));
const requirements: Row[] = rows.map((line) => {
  const [id = "", level = "", , status = "", why = "", where = "", test = ""] = line
    .slice(1)
    .split(" | ")
    .map((cell) => cell.replace(/\|$/, "").trim());
  return { id, level, status, why, paths: quoted(`${where} ${test}`) };
});

function quoted(cells: string): string[] {
  return [...cells.matchAll(/`([^`]+)`/g)].map(([, path = ""]) => path);
}

describe("the ASVS table", () => {
  it("gives each requirement once, with a level and a status", () => {
    expect(requirements.length).toBeGreaterThan(200);
    expect(new Set(requirements.map(({ id }) => id)).size).toBe(requirements.length);
    for (const { id, level, status } of requirements) {
      expect(id).toMatch(/^V\d+\.\d+\.\d+$/);
      expect(["1", "2"], id).toContain(level);
      expect(statuses, id).toContain(status);
    }
  });

  it("says why where something is missing or does not apply, and where it stands when it is met", () => {
    for (const { id, status, why, paths } of requirements) {
      if (status === "met") expect(`${why}${paths}`, id).not.toBe("");
      else expect(why, id).not.toBe("");
    }
  });

  it("names only paths that exist", () => {
    const missing = requirements.flatMap(({ id, paths }) =>
      paths.filter((path) => !existsSync(join(root, path))).map((path) => `${id}: ${path}`),
    );
    expect(missing).toEqual([]);
  });

  it.each(["1", "2", "both"])("counts right at level %s", (level) => {
    const lines = table.split("\n").map((one) => one.replaceAll(/ +/g, " "));
    const line = lines.find((one) => one.startsWith(`| ${level} | `));
    const counted = requirements.filter((one) => level === "both" || one.level === level);
    const counts = statuses.map((status) => counted.filter((one) => one.status === status).length);
    expect(line).toBe(`| ${[level, ...counts, counted.length].join(" | ")} |`);
  });

  it("lists what is missing, all of it and nothing else", () => {
    const listed = [...table.matchAll(/^\| \[(V[\d.]+)\]/gm)].map(([, id]) => id).sort();
    const missing = requirements.filter(({ status }) => /^(partly|not met)$/.test(status));
    expect(listed).toEqual(missing.map(({ id }) => id).sort());
  });

  // Only where the published standard is at hand.
  const standard = join(root, "../shared/vectors/owasp-asvs-5.0.csv");
  if (existsSync(standard))
    it("has every requirement of levels 1 and 2, and no other", () => {
      const asked = [
        ...readFileSync(standard, "utf8").matchAll(/^V\d+,.*,(V\d+\.\d+\.\d+),.*,([12])\r?$/gm),
      ].map(([, id, level]) => `${id} ${level}`);
      expect(asked.length).toBeGreaterThan(200);
      expect(requirements.map(({ id, level }) => `${id} ${level}`).sort()).toEqual(asked.sort());
    });
});

describe.each([...pages, "../../SECURITY.md", "../../README.md"])("%s", (page) => {
  it("names only files that exist", () => {
    const files = quoted(text(page)).filter((path) =>
      /^(app|components|lib|db|scripts|e2e|docs)\//.test(path),
    );
    expect(files.filter((path) => !existsSync(join(root, path)))).toEqual([]);
  });

  it("has tables whose rows have as many cells as their heads", () => {
    const tables = text(page).match(/(?:^\|.*\n)+/gm) ?? [];
    const uneven = tables.flatMap((one) => {
      const [head = "", ...others] = one.trimEnd().split("\n");
      return others.filter((row) => cellsOf(row) !== cellsOf(head));
    });
    expect(uneven).toEqual([]);
  });

  it("links only to pages and headings that exist", () => {
    const links = [...text(page).matchAll(/\]\((?!https?:)([^)#]*)(?:#([^)]+))?\)/g)];
    const broken = links.filter(([, to = "", heading]) => {
      const target = to === "" ? join(folder, page) : join(folder, dirname(page), to);
      return !existsSync(target) || (heading !== undefined && !headings(target).includes(heading));
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });
});

it("the tour names no file without its folder: that would lead nobody there", () => {
  const bare = /^[\w-]+\.(ts|tsx|md|mjs)$/;
  expect(quoted(text("../tour.md")).filter((path) => bare.test(path))).toEqual([]);
});

function cellsOf(row: string): number {
  return row.replaceAll("\\|", "").split("|").length;
}

/** The anchors that a page's headings get. */
function headings(path: string): string[] {
  return [...readFileSync(path, "utf8").matchAll(/^#+ (.+)$/gm)].map(([, heading = ""]) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N} -]/gu, "")
      .replaceAll(" ", "-"),
  );
}
