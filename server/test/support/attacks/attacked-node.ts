import { pino } from "pino";
import { startTestNode, type TestNode } from "../in-process-node.js";

/** A node in the test's own process that collects the errors it logs. */
export interface AttackedNode extends TestNode {
  port: number;
  /** The log lines of level `error` and above. There must be none, because no request may cause one. */
  readonly loggedErrors: readonly string[];
}

/** Starts a node without rate limits, so that attacks reach the code behind them. */
export async function startAttackedNode(
  settings: Record<string, string> = {},
  redisUrl?: string,
): Promise<AttackedNode> {
  const loggedErrors: string[] = [];
  const log = pino({ level: "error" }, { write: (line: string) => loggedErrors.push(line) });
  const node = await startTestNode(settings, redisUrl, {}, log);
  return { ...node, port: Number(new URL(node.url).port), loggedErrors };
}
