import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Benchmark, RunOptions } from "./benchmark.js";
import { chosenFrom, UnknownBenchmark } from "./catalogue.js";
import type { Finding } from "./finding.js";
import { thisMachine } from "./machine.js";
import { Children } from "./processes/children.js";
import { type ProfileReport, Profiles } from "./profile/profiles.js";
import { writeResult } from "./report/result-file.js";
import { tableOf } from "./report/table.js";

/**
 * `main.js [name...] [--quick] [--members=<number>] [--rounds=<number>] [--profile]` runs benchmarks and prints their
 * results. With `--profile`, each benchmark runs once more, quickly and with a CPU profile. If a benchmark fails, the
 * others still run. The exit code is 1 if the arguments are wrong or a benchmark failed. Otherwise it is 0, whether or
 * not the budgets are met.
 */
const { values: flags, positionals: names } = givenArguments();
const isQuick = flags.quick;
const members = numberOf("members");
const maxRounds = numberOf("rounds") ?? Number.POSITIVE_INFINITY;
const scratchDir = mkdtempSync(join(tmpdir(), "grandstand-bench-"));
const children = new Children();
let isInterrupted = false;
process.on("exit", () => rmSync(scratchDir, { recursive: true, force: true }));

for (const [signal, status] of [["SIGINT", 130] as const, ["SIGTERM", 143] as const]) {
  process.once(signal, () => {
    isInterrupted = true;
    void children.stopAll().finally(() => process.exit(status));
  });
}

function givenArguments() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        quick: { type: "boolean", default: false },
        members: { type: "string" },
        rounds: { type: "string" },
        profile: { type: "boolean", default: false },
      },
    });
  } catch (error) {
    return refuse((error as Error).message);
  }
}

/** Ends the process, because its arguments are wrong. */
function refuse(message: string): never {
  console.error(message);
  process.exit(1);
}

function numberOf(flag: "members" | "rounds"): number | null {
  const given = flags[flag];
  if (given === undefined) return null;
  const number = Number(given);
  if (!(Number.isInteger(number) && number > 0)) refuse(`--${flag} must be a whole number above 0`);
  return number;
}

/** Runs a benchmark with CPU profiles. Profiling takes time, so the figures of this run do not count. */
async function profileOf(
  run: Benchmark["run"],
  options: Omit<RunOptions, "isQuick" | "profiles">,
): Promise<ProfileReport> {
  progress("once more, with a CPU profile");
  const profiles = new Profiles();
  await run({ ...options, isQuick: true, profiles });
  return profiles.end();
}

const progress = (line: string) => console.error(`  ${line}`);

try {
  const machine = thisMachine();
  const findings: Finding[] = [];
  for (const { name, summary, run } of chosenFrom(names)) {
    console.error(`${name}: ${summary}`);
    try {
      const options = { children, members, maxRounds, scratchDir, progress };
      const found = await run({ ...options, isQuick, profiles: null });
      await children.stopAll();
      const profile = flags.profile ? await profileOf(run, options) : null;
      writeResult(name, { machine, isQuick, at: new Date() }, found, profile);
      findings.push(...found);
    } catch (error) {
      // A failed benchmark does not stop the others, but an interrupt does.
      if (isInterrupted) throw error;
      console.error(`${name} failed:`, error);
      process.exitCode = 1;
    }
    await children.stopAll();
  }
  const { cpu, cores, node, loadAverage } = machine;
  console.log(
    `\n${cores} x ${cpu}, Node.js ${node}, load ${loadAverage} at the start${isQuick ? ", quick" : ""}\n`,
  );
  console.log(tableOf(findings));
} catch (error) {
  // After an interrupt, the waits of the benchmark fail; these errors are expected.
  if (!isInterrupted) console.error(error instanceof UnknownBenchmark ? error.message : error);
  process.exitCode = 1;
}
await children.stopAll();
// A failed benchmark may have left open connections, which would keep this process running.
if (!isInterrupted) process.exit();
