import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { checkHistory, type Verdict } from "./checker.js";
import { readHistory } from "./history.js";
import { type Defect, defects, ModelServer } from "./model-server.js";
import { restClient } from "./rest-client.js";
import { run } from "./run.js";
import { transports } from "./transports.js";

export interface SelfTestResult {
  defect: Defect;
  verdict: Verdict;
  expected: Verdict;
  /** The claims that did not hold. */
  broken: string[];
}

/**
 * When a run may end. Three defects of the model server act on every 20th message, so a run needs enough messages. One
 * defect acts when a reader reconnects, so a run needs enough faults: a fault here closes connections of readers. A server
 * that refuses every message acknowledges none, so its run doesn't wait for acknowledgements.
 */
function endOf(defect: Defect) {
  if (defect === "refuses") return { replyLimitMs: 100 };
  return { atLeast: { acknowledged: 100, faults: 4 } };
}

/** Verifies model servers with known defects. If a defect went unnoticed, the verdict "valid" would prove nothing. */
export async function selfTest(seconds: number, seed: number): Promise<SelfTestResult[]> {
  const folder = await mkdtemp(join(tmpdir(), "grandstand-self-test-"));
  try {
    return await Promise.all(
      defects.map((defect, at) => testDefect(defect, join(folder, String(at)), seconds, seed)),
    );
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function testDefect(
  defect: Defect,
  file: string,
  seconds: number,
  seed: number,
): Promise<SelfTestResult> {
  const server = new ModelServer(defect);
  const url = await server.listen();
  const system = {
    target: `the model server, defect: ${defect}`,
    urls: [url],
    token: "none",
    room: "model",
    servers: [],
    nodes: null,
    transports: { WebSocket: transports.WebSocket! },
    open: restClient,
  };
  try {
    await run(system, { seconds, seed, file, versions: {}, ...endOf(defect) });
  } finally {
    server.close();
  }
  const { verdict, findings } = checkHistory((await readHistory(file)).events);
  const broken = findings.filter(({ problems }) => problems.length > 0).map(({ name }) => name);
  return { defect, verdict, expected: expectedOf(defect), broken };
}

function expectedOf(defect: Defect): Verdict {
  if (defect === "none") return "valid";
  return defect === "refuses" ? "unknown" : "invalid";
}
