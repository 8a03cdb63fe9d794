import type { FastifyInstance } from "fastify";
import type { Config } from "../../config/config.js";
import { noObserver, type Observer } from "../../observer/observer.js";
import { MetricsServer, type MetricsSource, metricsRoute } from "./endpoint.js";
import { Metrics, type MetricsData, textOfWorkers, type WorkerMetrics } from "./metrics.js";
import { type NodeState, registerNodeGauges } from "./node-state.js";
import { metricsRecorder } from "./recorder.js";

/** The metrics of one node. If the settings turn metrics off, none are collected or served. */
export class NodeMetrics {
  /** Counts what the other parts of the node report to it. It is `noObserver` if metrics are off. */
  readonly observer: Observer;
  readonly #host: string;
  readonly #settings: Config["metrics"];
  readonly #metrics: Metrics | null;
  #server: MetricsServer | null = null;

  constructor({ host, metrics: settings }: Pick<Config, "host" | "metrics">) {
    this.#host = host;
    this.#settings = settings;
    this.#metrics = settings === null ? null : new Metrics();
    this.observer = this.#metrics === null ? noObserver : metricsRecorder(this.#metrics);
  }

  /** Registers the gauges of the node. Each collection of metrics then reads their values from `node`. */
  registerNodeGauges(node: NodeState): void {
    if (this.#metrics !== null) registerNodeGauges(this.#metrics, node);
  }

  /** What this node has collected. Empty without metrics. */
  async data(): Promise<MetricsData> {
    return (await this.#metrics?.data()) ?? [];
  }

  /**
   * Serves the metrics on their own port, or together with the routes of `app`.
   * @param ofWorkers collects the metrics of all workers behind the same port
   */
  async serve(app: FastifyInstance, ofWorkers?: () => Promise<WorkerMetrics[]>): Promise<void> {
    if (this.#settings === null || this.#metrics === null) return;
    const { port, tokenDigest } = this.#settings;
    const { contentType } = this.#metrics;
    const source: MetricsSource = ofWorkers
      ? { contentType, text: async () => textOfWorkers(await ofWorkers()) }
      : this.#metrics;
    if (port === null) {
      metricsRoute(app, source, tokenDigest);
      return;
    }
    this.#server = new MetricsServer(source, tokenDigest);
    await this.#server.listen(this.#host, port);
  }

  /** @param url the URL of the node */
  urlFor(url: string): string | null {
    if (this.#settings === null) return null;
    const address = new URL("/metrics", url);
    if (this.#server !== null) address.port = String(this.#server.port);
    return address.href;
  }

  async close(): Promise<void> {
    await this.#server?.close();
  }
}
