#!/usr/bin/env node
import { parseArgs } from "node:util";
import { version } from "../ops/version.js";
import { run } from "../process/run.js";
import { check } from "./check.js";

const HELP = `Usage: grandstand <command> [options]

Commands
  serve     Start a node with the settings of the environment (docs/settings.md)
  check     Check the settings and their Redis, with a remedy for each problem

Options
  --json        Print the result of check as JSON
  -h, --help    Print this text
  --version     Print the version

Exit codes
  0  success
  1  the check found a fault, or the command failed
  2  the command line is wrong
`;

/** @returns the exit code; null while the command runs on */
async function main(): Promise<number | null> {
  let parsed: ReturnType<typeof parse>;
  try {
    parsed = parse();
  } catch (error) {
    return usage((error as Error).message);
  }
  const { values, positionals } = parsed;
  const [command, ...rest] = positionals;
  if (values.version) {
    console.log(version);
    return 0;
  }
  if (values.help || command === undefined) {
    console.log(HELP);
    return values.help ? 0 : 2;
  }
  if (rest.length > 0) return usage(`${command} takes no argument`);
  if (command === "check") return check(values.json === true);
  if (command !== "serve") return usage(`there is no command ${command}`);
  await run();
  return null;
}

function parse() {
  return parseArgs({
    allowPositionals: true,
    options: {
      json: { type: "boolean" },
      help: { type: "boolean", short: "h" },
      version: { type: "boolean" },
    },
  });
}

function usage(problem: string): number {
  console.error(`grandstand: ${problem}\n\n${HELP}`);
  return 2;
}

main().then(
  (exitCode) => {
    if (exitCode !== null) process.exitCode = exitCode;
  },
  (error: unknown) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
