import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

/* WCAG 1.4.3 and 1.4.11, for every pair that components put together, in both themes, from the style sheet itself. */
const styles = readFileSync("app/globals.css", "utf8");
const light = coloursIn(styles.slice(0, styles.indexOf("@media (prefers-color-scheme: dark)")));
const dark = {
  ...light,
  ...coloursIn(styles.slice(styles.indexOf("@media (prefers-color-scheme: dark)"), styles.indexOf("@theme"))),
};

const grounds = ["paper", "surface", "raised", "sunken"];
const texts = ["ink", "ink-soft", "brand", "turned-deep", "open", "danger", "warn", "info"];

const textPairs = [
  ...grounds.flatMap((ground) => texts.map((text) => [text, ground])),
  ...["open", "danger", "warn", "info", "brand", "ink", "ink-soft"].map((text) => [
    text,
    text.startsWith("ink") ? "brand-soft" : `${text}-soft`,
  ]),
  ["ink", "turned-soft"],
  ["turned-deep", "turned-soft"],
  ["turned-ink", "turned"],
  ["brand-ink", "brand"],
  ["brand-ink", "brand-hover"],
  ["danger-ink", "danger"],
];
const shapePairs = grounds.flatMap((ground) => [
  ["line-strong", ground],
  ["focus", ground],
]);

describe.each([
  ["light", light],
  ["dark", dark],
])("the %s theme", (_, colours) => {
  it.each(textPairs)("reads %s on %s", (text, ground) => {
    expect(contrast(colours[text as string], colours[ground as string])).toBeGreaterThanOrEqual(4.5);
  });
  it.each(shapePairs)("shows %s on %s", (shape, ground) => {
    expect(contrast(colours[shape as string], colours[ground as string])).toBeGreaterThanOrEqual(3);
  });
});

function coloursIn(text: string): Record<string, string> {
  return Object.fromEntries(
    [...text.matchAll(/--([a-z-]+): (#[0-9a-f]{6});/g)].map(([, name, hex]) => [name, hex]),
  );
}

function contrast(one: string | undefined, other: string | undefined): number {
  const [dim, bright] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (bright + 0.05) / (dim + 0.05);
}

/** WCAG 2.2, "relative luminance". */
function luminance(hex: string | undefined): number {
  if (!hex) throw new Error("a colour of the pair is not in app/globals.css");
  const [red, green, blue] = [1, 3, 5].map((at) => {
    const part = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  }) as [number, number, number];
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}
