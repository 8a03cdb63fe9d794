import { type PointerEvent, useId, useState } from "react";
import { clockTime } from "./format.js";

interface AreaChartProps {
  title: string;
  points: readonly { at: string; value: number }[];
  format: (value: number) => string;
  /** The value and its label that are shown while no point is chosen. */
  headline: { value: number; label: string };
  /** Formats the time of a point. */
  timeOf?: (iso: string) => string;
  tone?: "brand" | "live" | "focus" | "warn";
}

const WIDTH = 600;
const HEIGHT = 120;

/** One series over time. The pointer or the arrow keys choose the point whose value is shown. */
export function AreaChart({
  title,
  points,
  format,
  headline,
  timeOf = clockTime,
  tone = "brand",
}: AreaChartProps) {
  const [at, setAt] = useState<number | null>(null);
  const id = useId();
  const highest = Math.max(...points.map(({ value }) => value), 0);
  const top = niceTop(highest);
  const x = (index: number) => (index / Math.max(1, points.length - 1)) * WIDTH;
  const y = (value: number) => HEIGHT - (value / top) * (HEIGHT - 8);
  const line = points.map(({ value }, index) => `${x(index).toFixed(1)},${y(value).toFixed(1)}`).join(" L");
  const point = at === null ? null : points[at];
  const read = (event: PointerEvent<SVGSVGElement>) => {
    const box = event.currentTarget.getBoundingClientRect();
    const share = (event.clientX - box.left) / box.width;
    setAt(Math.max(0, Math.min(points.length - 1, Math.round(share * (points.length - 1)))));
  };
  return (
    <figure className={`chart tone-${tone}`}>
      <figcaption>
        <span className="chart-title" id={id}>
          {title}
        </span>
        <span className="chart-value figures">{format(point?.value ?? headline.value)}</span>
        <span className="chart-label">{point ? `at ${timeOf(point.at)}` : headline.label}</span>
      </figcaption>
      <div className="chart-body">
        <svg
          viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
          preserveAspectRatio="none"
          aria-hidden="true"
          onPointerMove={read}
          onPointerLeave={() => setAt(null)}
        >
          <path className="chart-area" d={`M0,${HEIGHT} L${line} L${WIDTH},${HEIGHT} Z`} />
          <path className="chart-line" d={`M${line}`} vectorEffect="non-scaling-stroke" />
          {at !== null && (
            <line
              className="chart-cursor"
              x1={x(at)}
              x2={x(at)}
              y1="0"
              y2={HEIGHT}
              vectorEffect="non-scaling-stroke"
            />
          )}
        </svg>
        <input
          type="range"
          className="chart-minute"
          aria-labelledby={id}
          min={0}
          max={points.length - 1}
          value={at ?? points.length - 1}
          aria-valuetext={describe(points[at ?? points.length - 1], format, timeOf)}
          onChange={({ target }) => setAt(Number(target.value))}
          onBlur={() => setAt(null)}
        />
        <span className="chart-top figures" aria-hidden="true">
          {highest > 0 && format(top)}
        </span>
      </div>
      <div className="chart-axis figures" aria-hidden="true">
        <span>{points[0] && timeOf(points[0].at)}</span>
        <span>{points.length > 1 && timeOf(points.at(-1)!.at)}</span>
      </div>
    </figure>
  );
}

function describe(
  point: { at: string; value: number } | undefined,
  format: (value: number) => string,
  timeOf: (iso: string) => string,
): string {
  return point ? `${format(point.value)} at ${timeOf(point.at)}` : "nothing";
}

/** The first of 1, 2, 5, 10, 20, 50, … that is not below the highest value. */
function niceTop(highest: number): number {
  if (highest <= 1) return 1;
  const power = 10 ** Math.floor(Math.log10(highest));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= highest) ?? highest;
}
