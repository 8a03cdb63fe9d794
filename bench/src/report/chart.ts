import type { Curve } from "../finding.js";

const WIDTH = 640;
const HEIGHT = 300;
const LEFT = 64;
const RIGHT = 24;
const TOP = 40;
const BOTTOM = 56;

/** A curve as an SVG image, with sizes on a logarithmic axis. Its colours suit light and dark pages. */
export function chartOf({ size, cost, unit, points }: Curve): string {
  const logs = points.map((point) => Math.log10(point.size));
  const [first, last] = [logs[0]!, logs.at(-1)!];
  const top = niceAbove(Math.max(...points.map((point) => point.cost)));
  const x = (log: number) => LEFT + ((log - first) / (last - first)) * (WIDTH - LEFT - RIGHT);
  const y = (value: number) => HEIGHT - BOTTOM - (value / top) * (HEIGHT - TOP - BOTTOM);
  const place = points.map((point, at) => `${x(logs[at]!).toFixed(1)},${y(point.cost).toFixed(1)}`);
  const rows = [0, 0.25, 0.5, 0.75, 1].map((share) => {
    const at = y(share * top).toFixed(1);
    return `<line x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${at}" y2="${at}" stroke="#8884"/><text x="${LEFT - 8}" y="${at}" dy="4" text-anchor="end">${short(share * top)}</text>`;
  });
  const columns = points.map(
    (point, at) =>
      `<text x="${x(logs[at]!).toFixed(1)}" y="${HEIGHT - BOTTOM + 20}" text-anchor="middle">${point.size.toLocaleString("en")}</text>`,
  );
  const dots = points.map((point, at) => {
    const [cx, cy] = place[at]!.split(",");
    return `<circle cx="${cx}" cy="${cy}" r="4" fill="#c8321f"><title>${point.size.toLocaleString("en")}: ${point.cost.toFixed(1)} ${unit}</title></circle>`;
  });
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${HEIGHT}" width="${WIDTH}" height="${HEIGHT}" font-family="system-ui, sans-serif" font-size="12" fill="#808080" role="img">`,
    `<title>${cost} in ${unit}, by ${size}</title>`,
    `<text x="${LEFT}" y="20" font-size="14" font-weight="600">${cost}, ${unit}</text>`,
    ...rows,
    ...columns,
    `<text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${HEIGHT - 12}" text-anchor="middle">${size}</text>`,
    `<polyline points="${place.join(" ")}" fill="none" stroke="#c8321f" stroke-width="2"/>`,
    ...dots,
    "</svg>",
    "",
  ].join("\n");
}

/** The least of 1, 2, 5, 10, 20, 50, ... that is not below a value. */
function niceAbove(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return [1, 2, 5, 10].map((step) => step * power).find((step) => step >= value)!;
}

function short(value: number): string {
  return value.toLocaleString("en", { maximumFractionDigits: value < 10 ? 2 : 0 });
}
