import { type MetricRow, metricTable } from "./table.js";

/** The sections of docs/metrics.md. A metric is in the first section whose pattern matches its name. */
const sections: [title: string, names: RegExp][] = [
  ["Calls", /^grandstand_(calls?|refusals|limits)_/],
  ["Connections", /^grandstand_(connections|queued|slow|consumers)/],
  ["Channels", /^grandstand_(channels|subscri|resyncs|publications|deliveries|batch|gaps)/],
  ["Bus", /^grandstand_bus_/],
  ["Redis", /^grandstand_redis_/],
  ["Presence and jobs", /^grandstand_(presence|job)_/],
  ["Node", /^grandstand_/],
];

/** The tables of docs/metrics.md. */
export function metricTables(): string {
  const left = new Map<string, MetricRow>(Object.entries(metricTable));
  return sections
    .map(([title, names]) => {
      const rows = [...left].filter(([name]) => names.test(name));
      for (const [name] of rows) left.delete(name);
      return `### ${title}\n\n| Metric | Type | Meaning | Labels |\n|---|---|---|---|\n${rows.map(rowOf).join("\n")}\n`;
    })
    .join("\n");
}

function rowOf([name, { type, help, labels = {} }]: [string, MetricRow]): string {
  const texts = Object.entries(labels).map(([label, values]) => `\`${label}\`: ${values}`);
  return `| \`${name}\` | ${type} | ${help} | ${texts.join(".<br>")} |`;
}
