import type { Report } from "./checker.js";

/** How many problems of a claim are shown at most. */
const SHOWN = 5;

/** A report as text for the terminal. */
export function textOf(report: Report, sha256: string): string {
  const { facts, account, timeline, unavailable, healMs, findings } = report;
  const startAt = (at: number) => `${((at - timeline[0]!.at) / 1_000).toFixed(1)} s`;
  const persistence = Object.entries(facts.persistence).map(
    ([address, settings]) =>
      `${address}: ${Object.entries(settings)
        .map(([name, value]) => `${name}=${value || '""'}`)
        .join(" ")}`,
  );
  return [
    `Verdict: ${report.verdict}`,
    "",
    `Target       ${facts.target}`,
    `Started      ${facts.startedAt}, seed ${facts.seed}`,
    `Versions     ${Object.entries(facts.versions)
      .map(([name, value]) => `${name} ${value}`)
      .join(", ")}`,
    ...persistence.map((line) => `Persistence  ${line}`),
    `Messages     ${report.attempted} attempted, ${report.acknowledged} acknowledged, ${report.ok} received by all readers`,
    `             ${report.recovered} not acknowledged but in the room or received, ${account.flagged} missed with notice, ${account.forks} forks`,
    `             ${report.lost.length} lost, ${account.unflagged.length} missed without notice, ${account.duplicated.length} duplicated, ${account.reordered.length} out of order`,
    `Healing      p50 ${healMs.p50} ms, p99 ${healMs.p99} ms`,
    `Unavailable  ${unavailable.length === 0 ? "never for longer than a second" : unavailable.map(({ fromMs, toMs }) => `${fromMs}-${toMs} ms`).join(", ")}`,
    `History      SHA-256 ${sha256}`,
    "",
    "Faults, from the first one",
    ...timeline.map(
      ({ at, name, proof }) =>
        `  ${startAt(at).padStart(8)}  ${name}: ${proof ?? "no proof that it happened"}`,
    ),
    "",
    "Claims",
    ...findings.flatMap(({ name, problems, otherwise }) => [
      `  ${problems.length === 0 ? "holds" : otherwise.padEnd(7)}  ${name}`,
      ...problems.slice(0, SHOWN).map((problem) => `           ${problem}`),
      ...(problems.length > SHOWN ? [`           and ${problems.length - SHOWN} more`] : []),
    ]),
  ].join("\n");
}

const escapes: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };
const escaped = (text: string) => text.replaceAll(/[&<>"]/g, (character) => escapes[character]!);

/** A report as JUnit XML, in which each claim is a test case. */
export function junitOf({ findings, facts, verdict }: Report): string {
  const failed = findings.filter(({ problems }) => problems.length > 0).length;
  const cases = findings.map(({ name, problems }) => {
    const failure =
      problems.length === 0
        ? ""
        : `\n      <failure message="${escaped(problems[0]!)}">${escaped(problems.join("\n"))}</failure>\n    `;
    return `    <testcase classname="grandstand.verify" name="${escaped(name)}">${failure}</testcase>`;
  });
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    "<testsuites>",
    `  <testsuite name="grandstand verify: ${escaped(facts.target)}, ${verdict}" tests="${findings.length}" failures="${failed}" timestamp="${facts.startedAt}">`,
    ...cases,
    "  </testsuite>",
    "</testsuites>",
    "",
  ].join("\n");
}
