import { pino } from "pino";
import { startTestNode, type TestNode } from "../in-process-node.js";

/** A node in the test's own process that tells of what went wrong inside it. */
export interface AttackedNode extends TestNode {
  port: number;
  /** Every line of its log from `error` on: no request may cause one. */
  readonly faults: readonly string[];
}

/** Without limits, as all tests' nodes: what those would turn away can do no harm, and attacks go in behind them. */
export async function startAttackedNode(
  settings: Record<string, string> = {},
  redisUrl?: string,
): Promise<AttackedNode> {
  const faults: string[] = [];
  const log = pino({ level: "error" }, { write: (line: string) => faults.push(line) });
  const node = await startTestNode(settings, redisUrl, {}, log);
  return { ...node, port: Number(new URL(node.url).port), faults };
}
