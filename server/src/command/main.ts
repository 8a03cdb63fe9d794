#!/usr/bin/env node
import { parseArgs } from "node:util";
import { GrandstandError } from "@grandstand/shared/errors";
import { version } from "../ops/version.js";
import { type AddressOptions, addressOf } from "./address.js";
import type { ApiSession } from "./api-session.js";
import { HELP } from "./help.js";
import { UsageError } from "./usage-error.js";

type Values = ReturnType<typeof parse>["values"];

interface Command {
  /** The options that the command takes besides --json. */
  options: readonly string[];
  /** @returns the exit code; null if the process continues to run, as a node does */
  run(words: string[], values: Values): Promise<number | null>;
}

const address = ["url", "key-file"];

/** Each command imports its code when it runs, so that a small command does not load the whole server. */
const commands: Record<string, Command> = {
  serve: {
    options: [],
    run: async (words) => {
      refuseArguments("serve", words);
      const { run } = await import("../process/run.js");
      await run();
      return null;
    },
  },
  check: {
    options: [],
    run: async (words, { json }) => {
      refuseArguments("check", words);
      const { check } = await import("./check.js");
      return check(json === true);
    },
  },
  keys: {
    options: [...address, "scope", "expires"],
    run: (words, values) =>
      withSession(values, async (session) => {
        const { keys } = await import("./keys.js");
        const { json, text } = await keys(session, words, values);
        console.log(values.json ? JSON.stringify(json, null, 2) : text);
        return 0;
      }),
  },
  boards: {
    options: [...address, "window", "season"],
    run: (words, values) =>
      withSession(values, async (session) => {
        const { boards } = await import("./boards.js");
        const { json, text, isWhole } = await boards(session, words, values);
        console.log(values.json ? JSON.stringify(json, null, 2) : text);
        return isWhole ? 0 : 1;
      }),
  },
  verify: {
    options: [
      "redis",
      "nodes",
      "target",
      "seconds",
      "seed",
      "history",
      "check",
      "junit",
      "self-test",
      "key-file",
    ],
    run: async (words, values) => {
      refuseArguments("verify", words);
      const { verify } = await import("./verify.js");
      return verify(values);
    },
  },
  tail: {
    options: [...address, "count"],
    run: async (words, values) => {
      const [channel, ...rest] = words;
      if (channel === undefined || rest.length > 0)
        throw new UsageError("tail needs one argument, the channel: tail <channel>");
      const count = values.count === undefined ? null : Number(values.count);
      if (count !== null && !(Number.isInteger(count) && count > 0)) {
        throw new UsageError("--count must be a whole number above 0");
      }
      const { tail } = await import("./tail.js");
      await tail(await addressOf(values), channel, { isJson: values.json === true, count });
      return 0;
    },
  },
};

async function withSession(
  values: AddressOptions,
  use: (session: ApiSession) => Promise<number>,
): Promise<number> {
  const { ApiSession } = await import("./api-session.js");
  const session = new ApiSession(await addressOf(values));
  try {
    return await use(session);
  } finally {
    session.close();
  }
}

function refuseArguments(command: string, words: string[]): void {
  if (words.length > 0) throw new UsageError(`${command} takes no argument`);
}

async function main(): Promise<number | null> {
  const { values, positionals } = parse();
  const [name, ...words] = positionals;
  if (values.version) {
    console.log(version);
    return 0;
  }
  if (values.help || name === undefined) {
    console.log(HELP);
    return values.help ? 0 : 2;
  }
  const command = Object.hasOwn(commands, name) ? commands[name]! : null;
  if (command === null) throw new UsageError(`unknown command ${name}`);
  const foreign = Object.keys(values).find(
    (option) => option !== "json" && !command.options.includes(option),
  );
  if (foreign !== undefined) throw new UsageError(`${name} has no option --${foreign}`);
  return command.run(words, values);
}

function parse() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
        version: { type: "boolean" },
        url: { type: "string" },
        "key-file": { type: "string" },
        scope: { type: "string", multiple: true },
        expires: { type: "string" },
        window: { type: "string" },
        season: { type: "string" },
        count: { type: "string" },
        redis: { type: "string" },
        nodes: { type: "string" },
        target: { type: "string" },
        seconds: { type: "string" },
        seed: { type: "string" },
        history: { type: "string" },
        check: { type: "string" },
        junit: { type: "string" },
        "self-test": { type: "boolean" },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

/** @returns the exit code */
function report(error: unknown): number {
  if (error instanceof UsageError) {
    console.error(`grandstand: ${error.message}\n\n${HELP}`);
    return 2;
  }
  if (error instanceof GrandstandError) console.error(`grandstand: ${error.code}: ${error.message}`);
  else console.error(error instanceof Error ? error.message : error);
  return 1;
}

const exitCode = await main().catch(report);
if (exitCode !== null) process.exitCode = exitCode;
