import { scaleLinear } from "d3-scale";

type Props = {
  ranges: { label: string; middle: number; high: number }[];
  /** What the ends of a range mean, for the caption. */
  words: { middle: string; high: string };
  format(value: number): string;
};

/** From nothing to the middle in full, on to the high end as a line: what is usual, and how bad it gets. */
export function RangeBars({ ranges, words, format }: Props) {
  const most = Math.max(1, ...ranges.map(({ high }) => high));
  const x = scaleLinear([0, most], [0, 100]);
  return (
    <div className="flex flex-col gap-3">
      {ranges.map(({ label, middle, high }) => (
        <div key={label}>
          <p className="flex flex-wrap items-baseline justify-between gap-x-3 text-sm">
            <span>{label}</span>
            <span className="text-ink-soft">
              {words.middle} {format(middle)}, {words.high} {format(high)}
            </span>
          </p>
          <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden className="h-4 w-full fill-brand">
            <rect width={x(middle)} height={10} />
            <rect x={x(middle)} y={4} width={Math.max(0, x(high) - x(middle))} height={2} />
            <rect x={Math.max(0, x(high) - 0.6)} width={0.6} height={10} />
          </svg>
        </div>
      ))}
    </div>
  );
}
