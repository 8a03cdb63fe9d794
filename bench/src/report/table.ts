import { type Finding, judge } from "../finding.js";
import { meaningOf } from "../meanings.js";
import { median } from "../statistics.js";
import { amount, spreadText } from "./format.js";

const HEAD = ["", "what", "Grandstand", "compared with", "ratio (lowest to highest)", "budget", "verdict"];

/** Formats all findings as a table, followed by their notes. */
export function tableOf(findings: readonly Finding[]): string {
  const rows = findings.map(cellsOf);
  const widths = HEAD.map((title, column) =>
    Math.max(title.length, ...rows.map((cells) => cells[column]!.length)),
  );
  const line = (cells: readonly string[]) =>
    cells
      .map((cell, column) => cell.padEnd(widths[column]!))
      .join("  ")
      .trimEnd();
  const notes = findings.flatMap(({ id, what, notes }) => [
    "",
    `${id}  ${what}`,
    ...(meaningOf(id) === undefined ? [] : [`    ${meaningOf(id)}`]),
    ...Object.entries(notes).map(([name, text]) => `    ${name}: ${text}`),
  ]);
  return [line(HEAD), line(widths.map((width) => "-".repeat(width))), ...rows.map(line), ...notes].join("\n");
}

function cellsOf(finding: Finding): string[] {
  const { id, what, unit, ours, baseline, budget } = finding;
  const { compared, isMet } = judge(finding);
  return [
    id,
    what,
    `${amount(median(ours))} ${unit}`,
    baseline ? `${baseline.name}: ${amount(median(baseline.values))} ${unit}` : "itself",
    spreadText(compared, baseline ? 2 : 1),
    `${budget.bound} ${budget.value}`,
    isMet ? "met" : "missed",
  ];
}
