import { scaleBand, scaleLinear } from "d3-scale";

type Props = {
  /** `YYYY-MM-DD`, the oldest first. */
  days: string[];
  /** A strip each, under its own name: no colour has to be told from another. */
  series: { label: string; values: number[] }[];
};

const [width, height] = [300, 40];
const dayAndMonth = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", timeZone: "UTC" });

/** Bars a day, one strip a series, all to the same height. Drawn on the server; it stretches with its place. */
export function DayBars({ days, series }: Props) {
  const most = Math.max(1, ...series.flatMap(({ values }) => values));
  const x = scaleBand(days, [0, width]).paddingInner(0.25);
  const y = scaleLinear([0, most], [0, height - 1]);
  return (
    <div className="flex flex-col gap-3">
      {series.map(({ label, values }) => (
        <div key={label}>
          <p className="flex items-baseline justify-between gap-3 text-sm">
            <span>{label}</span>
            <span className="text-ink-soft">{mostInWords(values)}</span>
          </p>
          <svg
            viewBox={`0 0 ${width} ${height}`}
            preserveAspectRatio="none"
            aria-hidden
            className="h-12 w-full border-line-strong border-b fill-brand"
          >
            <title>{label}</title>
            {days.map((day, index) => {
              const value = values[index] ?? 0;
              // One of a thousand is still seen.
              const tall = value === 0 ? 0 : Math.max(1.5, y(value));
              return (
                <rect key={day} x={x(day)} y={height - tall} width={x.bandwidth()} height={tall}>
                  <title>{`${nameOf(day)}: ${value.toLocaleString("en-GB")}`}</title>
                </rect>
              );
            })}
          </svg>
        </div>
      ))}
      <p className="flex justify-between text-ink-soft text-xs">
        <span>{nameOf(days[0])}</span>
        <span>{nameOf(days.at(-1))}</span>
      </p>
    </div>
  );
}

function mostInWords(values: number[]): string {
  const most = Math.max(0, ...values);
  return most === 0 ? "none" : `at most ${most.toLocaleString("en-GB")} a day`;
}

function nameOf(day: string | undefined): string {
  return day ? dayAndMonth.format(new Date(`${day}T00:00:00Z`)) : "";
}
