import type { CountScope, OtherWorkersCounts } from "../../limits/other-workers-counts.js";
import type { PortReadiness, Readiness } from "../../ops/health.js";
import type { MetricsData, WorkerMetrics } from "../../ops/metrics/metrics.js";
import type { CountChange, PrimaryMessage, Query, Reply, WorkerMessage } from "./messages.js";

/** How long a worker waits for the primary's replies, about as long as a load balancer waits for a health check. */
const REPLIES_TIMEOUT_MS = 2_500;

/** The readiness of a worker that does not reply: it can't serve. */
const notReplying: Readiness = {
  reads: false,
  subscriptions: false,
  notDraining: true,
  writes: false,
  reason: "A worker does not answer",
};

interface AllReplies {
  replies: Reply[];
  workerCount: number;
}

/** A worker's link to its primary, and through it to the other workers. */
export class PrimaryLink implements OtherWorkersCounts {
  /** The number of connections of the other workers, by `<scope> <key>`. */
  readonly #others = new Map<string, number>();
  /** Changes that have not been sent yet. One message carries all changes of one turn of the event loop. */
  #changes = new Map<string, CountChange>();
  readonly #queries = new Map<number, (replies: AllReplies) => void>();
  #lastQuery = 0;

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
   * @param own the readiness of this worker alone, which is used when the primary does not reply
   */
  async readiness(own: () => Promise<Readiness>): Promise<PortReadiness> {
    const all = await this.#queryAll("readiness");
    if (all === null) return { nodes: [await own()] };
    const nodes = all.replies.map(({ value }) => (value as Readiness | null) ?? notReplying);
    return { nodes, workers: { running: nodes.length, of: all.workerCount } };
  }

  /** The metrics of all workers that reply. */
  readonly metrics = async (): Promise<WorkerMetrics[]> => {
    const all = await this.#queryAll("metrics");
    return (all?.replies ?? []).flatMap(({ worker, value }) =>
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
    } else if (message.kind === "replies") {
      this.#queries.get(message.id)?.(message);
    }
  }

  send(message: WorkerMessage): void {
    // The connection to the primary closes when the primary exits. Then this process is about to exit, too, so the
    // message is dropped.
    if (process.connected) process.send?.(message);
  }

  async #queryAll(query: Query): Promise<AllReplies | null> {
    this.#lastQuery += 1;
    const id = this.#lastQuery;
    const replies = new Promise<AllReplies | null>((resolve) => {
      this.#queries.set(id, resolve);
      setTimeout(() => resolve(null), REPLIES_TIMEOUT_MS).unref();
    });
    this.send({ kind: "queryAll", id, query });
    const all = await replies;
    this.#queries.delete(id);
    return all;
  }

  #sendChanges(): void {
    const changes = [...this.#changes.values()].filter(({ by }) => by !== 0);
    this.#changes = new Map();
    if (changes.length > 0) this.send({ kind: "counts", changes });
  }
}
