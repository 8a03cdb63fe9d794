import { describe, expect, it } from "vitest";
import { catalogue } from "../catalogue.js";
import { type Finding, judge, type Verdict } from "../finding.js";
import { REDIS_CPU, SERVER_CPU, targets } from "../targets.js";
import { missedTargets, targetTable } from "./target-rows.js";

const submit = (server: number, redis: number, ours: number): Finding & Verdict => {
  const finding: Finding = {
    id: "B2",
    what: "single REST submits",
    unit: "/s",
    ours: [ours],
    baseline: { name: "a bare route", values: [10_000] },
    budget: { bound: "at least", value: 0.85 },
    figures: { [SERVER_CPU]: [server], [REDIS_CPU]: [redis] },
    notes: {},
  };
  return { ...finding, ...judge(finding) };
};
const rowOf = (table: string, id: string) => table.split("\n").find((row) => row.startsWith(`| ${id} |`));

describe("the table of targets", () => {
  it("has a row for each target, even if it was not measured", () => {
    const table = targetTable([]);
    for (const { id } of targets) expect(rowOf(table, id)).toContain("not measured");
  });

  it("shows the absolute target and the budget of the ratio, each with what was measured and a verdict", () => {
    const row = rowOf(targetTable([submit(90, 40, 9_000)]), "B2")!;
    expect(row).toContain(
      "125 + 86 | 70 (CPU of the server) + 50 (CPU of Redis) µs | 90.0 + 40.0 µs | **missed**",
    );
    expect(row).toContain("a bare route | at least 0.85 | 0.90 (0.90 to 0.90) | met");
  });

  it("gives no verdict on figures that the run did not measure", () => {
    const row = rowOf(targetTable([{ ...submit(0, 0, 9_000), figures: {} }]), "B2")!;
    expect(row).toContain("not measured + not measured µs |  | a bare route");
  });
});

it("missedTargets returns a finding whose absolute figure is above its target, or whose ratio misses its budget", () => {
  expect(missedTargets([submit(70, 50, 9_000)])).toEqual([]);
  expect(missedTargets([submit(71, 50, 9_000)])).toHaveLength(1);
  expect(missedTargets([submit(70, 50, 8_000)])).toHaveLength(1);
});

it("the id of each target is the id of a budget in the catalogue", () => {
  const ids = catalogue.flatMap((benchmark) => benchmark.ids);
  expect(targets.map(({ id }) => id).filter((id) => !ids.includes(id))).toEqual([]);
});
