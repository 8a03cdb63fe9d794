import type { CountScope, PeerCounts } from "../../limits/peer-counts.js";
import type { PortReadiness, Readiness } from "../../ops/health.js";
import type { MetricsData, WorkerMetrics } from "../../ops/metrics/metrics.js";
import type { Answer, CountChange, PrimaryMessage, Question, WorkerMessage } from "./messages.js";

/** How long a worker waits for the primary's answer, about as long as a load balancer waits for a health check. */
const ANSWER_TIMEOUT_MS = 2_500;

/** The readiness of a worker that does not answer: it can't serve. */
const unanswered: Readiness = {
  reads: false,
  subscriptions: false,
  notDraining: true,
  writes: false,
  reason: "A worker does not answer",
};

interface AllAnswers {
  answers: Answer[];
  of: number;
}

/** A worker's link to its primary, and through it to the other workers. */
export class PeerLink implements PeerCounts {
  /** The number of connections of the other workers, by `scope key`. */
  readonly #others = new Map<string, number>();
  /** Changes that have not been sent yet. One message carries all changes of one turn of the event loop. */
  #changes = new Map<string, CountChange>();
  readonly #asked = new Map<number, (answers: AllAnswers) => void>();
  #questions = 0;

  of(scope: CountScope, key: string): number {
    return this.#others.get(`${scope} ${key}`) ?? 0;
  }

  changed(scope: CountScope, key: string, by: 1 | -1): void {
    if (this.#changes.size === 0) setImmediate(() => this.#sendChanges());
    const name = `${scope} ${key}`;
    this.#changes.set(name, { scope, key, by: (this.#changes.get(name)?.by ?? 0) + by });
  }

  /**
   * The readiness of all workers that listen.
   * @param own the readiness of this worker alone, which is used when the primary does not answer
   */
  async readiness(own: () => Promise<Readiness>): Promise<PortReadiness> {
    const all = await this.#ask("readiness");
    if (all === null) return { nodes: [await own()] };
    const nodes = all.answers.map(({ value }) => (value as Readiness | null) ?? unanswered);
    return { nodes, workers: { running: nodes.length, of: all.of } };
  }

  /** The metrics of all workers that answer. */
  readonly metrics = async (): Promise<WorkerMetrics[]> => {
    const all = await this.#ask("metrics");
    return (all?.answers ?? []).flatMap(({ worker, value }) =>
      value === null ? [] : [{ worker: String(worker), metrics: value as MetricsData }],
    );
  };

  /** Handles the messages of the primary about the other workers. */
  receive(message: PrimaryMessage): void {
    if (message.kind === "counts") {
      for (const { scope, key, by } of message.changes) {
        const name = `${scope} ${key}`;
        const count = (this.#others.get(name) ?? 0) + by;
        if (count === 0) this.#others.delete(name);
        else this.#others.set(name, count);
      }
    } else if (message.kind === "answers") {
      this.#asked.get(message.id)?.(message);
    }
  }

  send(message: WorkerMessage): void {
    // Without a connection the primary has exited, and this process is about to exit, too.
    if (process.connected) process.send?.(message);
  }

  async #ask(question: Question): Promise<AllAnswers | null> {
    this.#questions += 1;
    const id = this.#questions;
    const answer = new Promise<AllAnswers | null>((resolve) => {
      this.#asked.set(id, resolve);
      setTimeout(() => resolve(null), ANSWER_TIMEOUT_MS).unref();
    });
    this.send({ kind: "ask", id, question });
    const all = await answer;
    this.#asked.delete(id);
    return all;
  }

  #sendChanges(): void {
    const changes = [...this.#changes.values()].filter(({ by }) => by !== 0);
    this.#changes = new Map();
    if (changes.length > 0) this.send({ kind: "counts", changes });
  }
}
