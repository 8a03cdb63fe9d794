import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { Metrics } from "./metrics.js";
import { type MetricRow, metricTable } from "./table.js";

const root = fileURLToPath(new URL("../../../../", import.meta.url));
const textOf = (path: string) => readFileSync(`${root}${path}`, "utf8");

const alerts = textOf("deploy/prometheus/alerts.yml");
const alertNames = [...alerts.matchAll(/^ +- alert: (\w+)$/gm)].map(([, name]) => name!);
const dashboard = JSON.parse(textOf("deploy/grafana/grandstand.json")) as { panels: Panel[] };

interface Panel {
  title: string;
  targets?: { expr: string }[];
}

const expressions = dashboard.panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));

/** The metrics that a text names, each with the labels of its selector. */
function metricsIn(text: string): { name: string; labels: string[] }[] {
  return [...text.matchAll(/\b((?:grandstand|nodejs|process)_\w+)(?:\{([^}]*)\})?/g)].map(
    ([, name, selectors = ""]) => ({
      name: name!,
      labels: [...selectors.matchAll(/(\w+)\s*(?:=~|!=|=)/g)].map(([, label]) => label!),
    }),
  );
}

/** The labels that Prometheus adds to every metric. */
const scrapeLabels = ["instance", "job"];
const rows = new Map<string, MetricRow>(Object.entries(metricTable));

function rowOf(name: string): MetricRow | undefined {
  const histogram = rows.get(name.replace(/_(bucket|sum|count)$/, ""));
  return histogram?.type === "histogram" ? histogram : rows.get(name);
}

describe("OP1: the dashboard and the alert rules", () => {
  it.each([
    ["deploy/prometheus/alerts.yml", alerts],
    ["deploy/grafana/grandstand.json", expressions.join("\n")],
  ])("%s names only metrics and labels that exist", async (_, text) => {
    const served = await new Metrics().text();
    const used = metricsIn(text);
    expect(used.length).toBeGreaterThan(15);
    for (const { name, labels } of used) {
      if (!name.startsWith("grandstand_")) {
        expect(served).toContain(`# TYPE ${name} `);
        continue;
      }
      const row = rowOf(name);
      expect([name, row?.type]).toEqual([name, expect.any(String)]);
      // A histogram's own name is no series: only `<name>_bucket`, `<name>_sum` and `<name>_count` exist.
      expect([name, rows.get(name)?.type]).not.toEqual([name, "histogram"]);
      for (const label of labels) {
        expect([name, ...Object.keys(row?.labels ?? {}), ...scrapeLabels]).toContain(label);
      }
    }
  });

  it("every metric of the table is on the dashboard", () => {
    const shown = new Set(metricsIn(expressions.join("\n")).map(({ name }) => rowOf(name)));
    const missing = [...rows].filter(([, row]) => !shown.has(row)).map(([name]) => name);
    expect(missing).toEqual([]);
  });

  it("docs/runbook.md has a section for each alert, and no other sections", () => {
    const sections = [...textOf("docs/runbook.md").matchAll(/^## (\w+)\n\n(.+)/gm)];
    expect(sections.map(([, name]) => name)).toEqual(alertNames);
    for (const [, name, text] of sections) expect([name, text!.length > 80]).toEqual([name, true]);
  });

  it.skipIf(spawnSync("promtool", ["--version"]).error !== undefined)("pass promtool", () => {
    const check = (kind: string, path: string) => spawnSync("promtool", ["check", kind, `${root}${path}`]);
    expect(String(check("rules", "deploy/prometheus/alerts.yml").stdout)).toContain("SUCCESS");
    expect(check("config", "deploy/prometheus/prometheus.yml").status).toBe(0);
  });
});
