import { pino } from "pino";
import { inject } from "vitest";
import { type App, startApp } from "../../app.js";
import { readConfig } from "../../config.js";
import { freshPrefix, TEST_API_KEY } from "../names.js";

/** A node in the test's own process that tells of what went wrong inside it. */
export interface AttackedNode extends App {
  prefix: string;
  port: number;
  /** Every line of its log from `error` on: no request may cause one. */
  readonly faults: readonly string[];
}

export async function startAttackedNode(
  settings: Record<string, string> = {},
  redisUrl = inject("redisUrl"),
): Promise<AttackedNode> {
  const faults: string[] = [];
  const prefix = freshPrefix();
  const config = readConfig({
    PORT: "0",
    GRANDSTAND_PREFIX: prefix,
    GRANDSTAND_API_KEYS: `test:${TEST_API_KEY}`,
    GRANDSTAND_GUESTS: "on",
    // What a limit would turn away can do no harm: attacks go in behind them.
    GRANDSTAND_LIMITS: "off",
    ...settings,
  });
  const log = pino({ level: "error" }, { write: (line: string) => faults.push(line) });
  const app = await startApp(config, redisUrl, log);
  return { ...app, prefix, port: Number(new URL(app.url).port), faults };
}
