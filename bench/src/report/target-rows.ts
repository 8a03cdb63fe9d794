import type { Finding, Verdict } from "../finding.js";
import { median } from "../statistics.js";
import { type Target, type TargetPart, targets } from "../targets.js";
import { amount, spreadText } from "./format.js";

/** Whether the absolute figures of a target are met; null if there are none, or the run did not measure all of them. */
function isMetAbsolutely({ parts }: Target, finding: Finding): boolean | null {
  const values = parts.map((part) => figureOf(part, finding));
  if (values.length === 0 || values.includes(null)) return null;
  return parts.every(({ atMost }, at) => values[at]! <= atMost);
}

/** The findings that missed their target, in an absolute figure or in the ratio. */
export function missedTargets(findings: readonly (Finding & Verdict)[]): (Finding & Verdict)[] {
  return targets.flatMap((target) => {
    const finding = findings.find(({ id }) => id === target.id);
    if (finding === undefined) return [];
    return isMetAbsolutely(target, finding) === false || !finding.isMet ? [finding] : [];
  });
}

/** All targets as a Markdown table, with the figures of a run. */
export function targetTable(findings: readonly (Finding & Verdict)[]): string {
  const rows = targets.map((target) => {
    const finding = findings.find(({ id }) => id === target.id);
    return `| ${[target.id, target.work, ...cellsOf(target, finding)].join(" | ")} |`;
  });
  return [
    "| | Work | Before | Target | Now | | Ratio to | Budget | Now | |",
    "|---|---|---|---|---|---|---|---|---|---|",
    ...rows,
  ].join("\n");
}

function cellsOf(target: Target, finding: (Finding & Verdict) | undefined): string[] {
  const { parts, unit } = target;
  const absolute =
    parts.length === 0
      ? ["", "the ratio"]
      : [
          parts.map(({ before }) => before ?? "not measured").join(" + "),
          `${parts.map(({ of, atMost }) => `${atMost}${parts.length > 1 ? ` (${of.join(", ")})` : ""}`).join(" + ")} ${unit}`,
        ];
  if (finding === undefined) return [...absolute, "not measured", "", "", "", "", ""];
  const now =
    parts.length === 0
      ? `${precise(median(finding.ours))} ${finding.unit}`
      : `${parts.map((part) => amountOrNone(figureOf(part, finding))).join(" + ")} ${unit}`;
  const { baseline, budget, compared, isMet } = finding;
  const ratio = baseline
    ? [baseline.name, `${budget.bound} ${budget.value}`, spreadText(compared), verdict(isMet)]
    : ["", "", "", ""];
  return [...absolute, now, verdict(isMetAbsolutely(target, finding)), ...ratio];
}

/** The sum of the medians of a part's figures; null if the run did not measure one of the figures. */
function figureOf({ of }: TargetPart, { figures }: Finding): number | null {
  const values = of.map((name) => figures?.[name]);
  if (values.some((value) => value === undefined)) return null;
  return values.reduce((sum, value) => sum + median(value!), 0);
}

function verdict(isMet: boolean | null): string {
  if (isMet === null) return "";
  return isMet ? "met" : "**missed**";
}

function amountOrNone(value: number | null): string {
  return value === null ? "not measured" : precise(value);
}

/** A figure as text. A small figure has two decimals, because it may differ little from its target. */
function precise(value: number): string {
  return amount(value, value < 10 ? 2 : 1);
}
