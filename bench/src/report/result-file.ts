import { mkdirSync, writeFileSync } from "node:fs";
import { type Finding, judge } from "../finding.js";
import type { Machine } from "../machine.js";
import type { ProfileReport } from "../profile/profiles.js";

const folder = new URL("../../results/", import.meta.url);

/** Writes `bench/results/<name>.json`, with the values of every round and the verdicts. */
export function writeResult(
  name: string,
  conditions: { machine: Machine; isQuick: boolean; at: Date },
  findings: readonly Finding[],
  profile: ProfileReport | null,
): void {
  mkdirSync(folder, { recursive: true });
  const judged = findings.map((finding) => ({ ...finding, ...judge(finding) }));
  const text = JSON.stringify(
    { name, ...conditions, findings: judged, ...(profile && { profile }) },
    null,
    2,
  );
  writeFileSync(new URL(`${name}.json`, folder), `${text}\n`);
}
