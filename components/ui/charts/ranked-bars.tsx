import { scaleLinear } from "d3-scale";

export type Bar = {
  label: string;
  value: number /** Drawn in outline: what is missing. */;
  missing?: boolean;
};

type Props = { groups: { label: string; bars: Bar[] }[] };

/** Lengths to compare, in groups; each says its name and its number. */
export function RankedBars({ groups }: Props) {
  const most = Math.max(1, ...groups.flatMap(({ bars }) => bars.map(({ value }) => value)));
  const x = scaleLinear([0, most], [0, 100]);
  return (
    <div className="flex flex-col gap-4">
      {groups.map(({ label, bars }) => (
        <div key={label}>
          {label ? <p className="mb-1 font-medium text-sm">{label}</p> : null}
          {bars.map((bar) => (
            <p
              key={bar.label}
              className="grid grid-cols-[9rem_minmax(0,1fr)_3rem] items-center gap-x-3 text-sm"
            >
              <span className="text-ink-soft">{bar.label}</span>
              <svg viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden className="h-3.5 w-full">
                <rect
                  width={x(bar.value)}
                  height={10}
                  vectorEffect="non-scaling-stroke"
                  className={bar.missing ? "fill-warn-soft stroke-warn stroke-2" : "fill-brand"}
                />
              </svg>
              <span className="text-right">{bar.value.toLocaleString("en-GB")}</span>
            </p>
          ))}
        </div>
      ))}
    </div>
  );
}
