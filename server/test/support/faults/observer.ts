import { setTimeout } from "node:timers/promises";
import { TEST_API_KEY } from "../names.js";
import type { NodeProcess } from "../node-process.js";

/** What operators and REST clients of a node see during a fault. */
export interface Seen {
  /** The results of calls: `ok`, an error code, or `no answer`. */
  rest: string[];
  /** The duration of the slowest call, in ms. */
  slowestMs: number;
  /** The responses of `/health/ready`: the status, with the reason. */
  health: string[];
  /** The messages of warnings and errors, with their reason. */
  log: string[];
}

const INTERVAL_MS = 200;
const PATIENCE_MS = 10_000;
const WARN = 40;

/** Makes calls to a node, and reads its health, several times a second. */
export class FaultObserver {
  readonly #node: NodeProcess;
  readonly #rest = new Set<string>();
  readonly #health = new Set<string>();
  readonly #linesBefore: number;
  readonly #running: Promise<void>[];
  #slowestMs = 0;
  #isOver = false;

  constructor(node: NodeProcess) {
    this.#node = node;
    this.#linesBefore = node.output.length;
    this.#running = [this.#repeat(() => this.#call()), this.#repeat(() => this.#ask())];
  }

  async end(): Promise<Seen> {
    this.#isOver = true;
    await Promise.all(this.#running);
    await this.#ask();
    const lines = this.#node.output.slice(this.#linesBefore).map(parsed);
    const warnings = lines.filter(({ level }) => level >= WARN);
    const log = warnings.map(({ msg, reason }) => (reason === undefined ? msg : `${msg} (${reason})`));
    return {
      rest: [...this.#rest],
      slowestMs: Math.round(this.#slowestMs),
      health: [...this.#health],
      log: [...new Set(log)],
    };
  }

  async #repeat(attempt: () => Promise<void>): Promise<void> {
    while (!this.#isOver) {
      await attempt();
      await setTimeout(INTERVAL_MS);
    }
  }

  async #call(): Promise<void> {
    const startedAt = performance.now();
    this.#rest.add(await this.#outcome());
    this.#slowestMs = Math.max(this.#slowestMs, performance.now() - startedAt);
  }

  async #outcome(): Promise<string> {
    try {
      const response = await fetch(`${this.#node.url}/v1/counters/probe/add`, {
        method: "POST",
        headers: { authorization: `Bearer ${TEST_API_KEY}`, "content-type": "application/json" },
        body: "{}",
        signal: AbortSignal.timeout(PATIENCE_MS),
      });
      if (response.ok) return "ok";
      return ((await response.json()) as { code: string }).code;
    } catch {
      return "no answer";
    }
  }

  async #ask(): Promise<void> {
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const response = await fetch(`${this.#node.url}/health/ready`, { signal });
      const { reason } = (await response.json()) as { reason?: string };
      this.#health.add([response.status, ...(reason === undefined ? [] : [reason])].join(" "));
    } catch {
      this.#health.add("no answer");
    }
  }
}

function parsed(line: string): { level: number; msg: string; reason?: string } {
  try {
    return JSON.parse(line) as { level: number; msg: string; reason?: string };
  } catch {
    return { level: 0, msg: line };
  }
}
