import type { Finding, Verdict } from "../finding.js";
import type { Machine } from "../machine.js";
import { meaningOf } from "../meanings.js";
import type { ProfileReport } from "../profile/profiles.js";
import { median } from "../statistics.js";
import { amount, spreadText } from "./format.js";
import { profileTables } from "./profile-tables.js";
import { missedTargets, targetTable } from "./target-rows.js";

/** A file of `bench/results/`. */
export interface Result {
  name: string;
  machine: Machine;
  isQuick: boolean;
  at: string;
  findings: (Finding & Verdict)[];
  /** The CPU profile of a run with `--profile`. */
  profile?: ProfileReport;
}

/**
 * The page docs/benchmarks.md.
 * @param imageOf returns the path of a chart, relative to the page; `id` is the id of the finding that the chart shows
 */
export function documentOf(results: readonly Result[], imageOf: (id: string) => string): string {
  const findings = results.flatMap((result) => result.findings);
  const { cpu, cores, node } = results[0]!.machine;
  const days = [...new Set(results.map(({ at }) => at.slice(0, 10)))].sort();
  const met = findings.filter(({ isMet }) => isMet).length;
  return `# Benchmarks

Measured on ${days.join(", ")} with \`npm run bench\` on ${cores} x ${cpu}, Node.js ${node}. Server, Redis and load generators shared these
cores. Absolute figures describe that machine; ratios describe Grandstand. [bench/README.md](../bench/README.md) says how each is
measured. \`npm run bench:report\` writes this page from the files in \`bench/results/\`.

## Targets

A target is an absolute figure, a ratio to a baseline that is measured beside it, or both. The figures in the columns Before and Target are
of another machine, those in the columns Now of this one. A ratio holds on every machine.

${targetTable(findings)}

Missed, in absolute figures or as a ratio: ${
    missedTargets(findings)
      .map(({ id }) => id)
      .join(", ") || "none"
  }.

## Budgets

${met} of ${findings.length} budgets are met. Brackets hold the lowest and the highest ratio of a single round: where they are far apart, other
processes disturbed the run.

| | What | Grandstand | Compared with | Ratio | Budget | |
|---|---|---|---|---|---|---|
${findings.map(rowOf).join("\n")}

${whatIsLeft(results)}## What each figure means

${[...new Set(findings.map(({ id, what }) => `- **${id}**: ${meaningOf(id) ?? what}`))].join("\n")}

## How costs grow

${findings
  .filter(({ curve }) => curve !== undefined)
  .map((finding) => growthOf(finding, imageOf(finding.id)))
  .join("\n\n")}

## Conditions

${findings.map(notesOf).join("\n\n")}
`;
}

/** The section with the CPU profile of each benchmark that missed a target and ran with `--profile`. */
function whatIsLeft(results: readonly Result[]): string {
  const parts = results.flatMap(({ findings, profile }) => {
    const missed = missedTargets(findings).map(({ id }) => id);
    if (missed.length === 0 || profile === undefined) return [];
    return [`### ${missed.join(", ")}\n\n${profileTables(profile)}\n\n`];
  });
  if (parts.length === 0) return "";
  return `## What is left

Where the CPU time of the missed targets goes, in percent of the time in which a process was busy: all turns of a benchmark
together, warm-ups included. A function has the time of its own, without that of the functions it calls. A native function such as
\`writev\` contains the system call. The baseline of B2 and B11 runs the same scripts on the same Redis.

${parts.join("")}`;
}

function rowOf({ id, what, unit, ours, baseline, compared, budget, isMet }: Finding & Verdict): string {
  const cells = [
    id,
    what,
    `${amount(median(ours))} ${unit}`,
    baseline ? `${baseline.name}: ${amount(median(baseline.values))} ${unit}` : "",
    baseline ? spreadText(compared) : "",
    `${budget.bound} ${budget.value}${baseline ? "" : ` ${unit}`}`,
    isMet ? "met" : "**missed**",
  ];
  return `| ${cells.join(" | ")} |`;
}

function growthOf({ id, curve }: Finding, image: string): string {
  const { size, cost, unit, points } = curve!;
  return `### ${cost}, by ${size}

![${cost} in ${unit}, by ${size}](${image})

| ${size} | ${points.map((point) => point.size.toLocaleString("en")).join(" | ")} |
|---|${points.map(() => "---").join("|")}|
| ${id}, ${unit} | ${points.map((point) => point.cost.toFixed(1)).join(" | ")} |`;
}

function notesOf({ id, what, notes }: Finding): string {
  return [
    `**${id}**, ${what}:`,
    "",
    ...Object.entries(notes).map(([name, text]) => `- ${name}: ${text}`),
  ].join("\n");
}
