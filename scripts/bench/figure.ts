import type { Measured } from "./compare";

export type Figure = {
  name: string;
  unit: "×" | "ms" | "s" | "KiB" | "MiB";
  value: number;
  /** Where the middle half of the measurements lies. */
  low?: number;
  high?: number;
  /** At most. */
  aim?: number;
  note?: string;
};

export function figure(
  name: string,
  unit: Figure["unit"],
  measured: Measured | number,
  more: Pick<Figure, "aim" | "note"> = {},
): Figure {
  if (typeof measured === "number") return { name, unit, value: measured, ...more };
  return { name, unit, value: measured.median, low: measured.low, high: measured.high, ...more };
}

/** One line of the table. */
export function lineOf({ name, unit, value, low, high, aim, note }: Figure): string {
  const spread = low === undefined || high === undefined ? "" : `${short(low)}–${short(high)}`;
  const verdict = aim === undefined ? "" : `${value <= aim ? "✓" : "✗"} ≤ ${aim} ${unit}`;
  const columns = [
    name.padEnd(52),
    `${short(value)} ${unit}`.padStart(11),
    spread.padEnd(15),
    verdict.padEnd(11),
  ];
  return `${columns.join("  ")}  ${note ?? ""}`.trimEnd();
}

function short(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2);
}
