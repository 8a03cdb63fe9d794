import { expect, it } from "vitest";
import type { Finding } from "../finding.js";
import { MEMORY, REDIS_CPU, SERVER_CPU } from "../targets.js";
import { capacityPage, unitCosts } from "./capacity.js";

const finding = (id: string, more: Partial<Finding>): Finding => ({
  id,
  what: id,
  unit: "µs",
  ours: [1],
  baseline: null,
  budget: { bound: "at most", value: 1 },
  notes: {},
  ...more,
});
const curve = (points: { size: number; cost: number }[]) => ({ size: "", cost: "", unit: "", points });
const cpu = (server: number, redis: number) => ({
  figures: { [SERVER_CPU]: [server], [REDIS_CPU]: [redis] },
});
const findings = [
  finding("B2", cpu(100, 60)),
  finding("B11", cpu(300, 200)),
  finding("B11E", cpu(50, 3)),
  finding("R2", cpu(150, 100)),
  finding("F5", cpu(0, 200)),
  finding("A1", cpu(300, 0)),
  finding("B12", { figures: { [MEMORY]: [110] } }),
  finding("G2", { curve: curve([{ size: 100, cost: 12 }]) }),
  finding("G3", {
    curve: curve([
      { size: 100, cost: 10 },
      { size: 8_000, cost: 6 },
    ]),
  }),
];

it("the capacity page calculates the nodes and masters for a million connections from the measured costs", () => {
  const page = capacityPage(unitCosts(findings)!, "a machine");
  expect(page).toContain("| deliveries | 1,000,000 | 12.0 | 0.0 |");
  expect(page).toContain("| messages | 10,000 | 0.0 | 2.0 |");
  expect(page).toContain("| together | | **13.2** | **2.3** |");
  expect(page).toContain("22 nodes, with 45,455 connections and 416 MB each");
  expect(page).toContain("5 masters");
});

it("unitCosts returns null if one of the findings that it needs is missing", () => {
  for (const { id } of findings) expect(unitCosts(findings.filter((one) => one.id !== id))).toBeNull();
});
