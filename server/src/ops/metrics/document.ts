import { type MetricRow, metricTable } from "./table.js";

/** The sections of docs/metrics.md. A metric is in the first section whose pattern matches its name. */
const sections: [title: string, names: RegExp][] = [
  ["Calls", /^grandstand_(calls?|refusals|limits)_/],
  ["Connections", /^grandstand_(connections|queued|slow|consumers)/],
  ["Channels", /^grandstand_(channels|subscri|resyncs|publications|deliveries|batch|gaps)/],
  ["Bus", /^grandstand_bus_/],
  ["Redis", /^grandstand_redis_/],
  ["Presence and jobs", /^grandstand_(presence|job)_/],
  ["Webhooks, hooks and profiles", /^grandstand_(webhook|hook|profile)_/],
  ["Node", /^grandstand_(node|draining)/],
];

/**
 * The tables of docs/metrics.md.
 * @throws {Error} naming the metrics that are in no section
 */
export function metricTables(): string {
  const left = new Map<string, MetricRow>(Object.entries(metricTable));
  const tables = sections.map(([title, names]) => {
    const rows = [...left].filter(([name]) => names.test(name));
    for (const [name] of rows) left.delete(name);
    return `### ${title}\n\n| Metric | Type | Meaning | Labels |\n|---|---|---|---|\n${rows.map(rowOf).join("\n")}\n`;
  });
  if (left.size > 0) throw new Error(`No section of docs/metrics.md for ${[...left.keys()].join(", ")}`);
  return tables.join("\n");
}

function rowOf([name, { type, help, labels = {} }]: [string, MetricRow]): string {
  const texts = Object.entries(labels).map(([label, values]) => `\`${label}\`: ${values}`);
  return `| \`${name}\` | ${type} | ${help} | ${texts.join(".<br>")} |`;
}
