import { AggregatorRegistry, Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import { type LabelsOf, type MetricName, type MetricRow, metricTable, type NamesOf } from "./table.js";

/** A value that is read when metrics are collected. */
export interface Sample<N extends MetricName> {
  labels?: LabelsOf<N>;
  value: number;
}

type Read = () => Sample<MetricName>[];

/** The metrics of one node, by the names of the table. */
export class Metrics {
  readonly contentType = Registry.PROMETHEUS_CONTENT_TYPE;
  readonly #registry = new Registry();
  readonly #counters = new Map<string, Counter>();
  readonly #histograms = new Map<string, Histogram>();
  readonly #reads = new Map<string, Read>();

  constructor() {
    for (const [name, row] of Object.entries<MetricRow>(metricTable)) {
      const { type, help, labels = {}, buckets = [] } = row;
      const reads = this.#reads;
      const options = { name, help, labelNames: Object.keys(labels), registers: [this.#registry] };
      if (type === "histogram") {
        this.#histograms.set(name, new Histogram({ ...options, buckets: [...buckets] }));
      } else if (type === "counter") {
        const counter: Counter = new Counter({
          ...options,
          collect: () => collect(counter, reads.get(name)),
        });
        this.#counters.set(name, counter);
      } else {
        const gauge: Gauge = new Gauge({ ...options, collect: () => collect(gauge, reads.get(name)) });
      }
    }
  }

  count<N extends NamesOf<"counter">>(name: N, labels: LabelsOf<N>, by = 1): void {
    this.#counters.get(name)!.inc(labels, by);
  }

  observe<N extends NamesOf<"histogram">>(name: N, labels: LabelsOf<N>, value: number): void {
    this.#histograms.get(name)!.observe(labels, value);
  }

  /**
   * Makes `samples` supply the values of a metric: of a gauge, or of a counter that other code counts. `samples` is
   * called each time metrics are collected.
   */
  onCollect<N extends NamesOf<"gauge" | "counter">>(name: N, samples: () => Sample<N>[]): void {
    this.#reads.set(name, samples as Read);
  }

  /** All metrics in Prometheus's text format, with those of the process. */
  async text(): Promise<string> {
    const texts = await Promise.all([this.#registry.metrics(), processRegistry().metrics()]);
    return texts.join("");
  }

  /** The metrics of `text`, as data. */
  async data(): Promise<MetricsData> {
    const parts = await Promise.all([this.#registry, processRegistry()].map((one) => one.getMetricsAsJSON()));
    return parts.flat();
  }
}

/** What one worker has collected. It can be sent to another process. */
export interface WorkerMetrics {
  worker: string;
  metrics: MetricsData;
}

export type MetricsData = Awaited<ReturnType<Registry["getMetricsAsJSON"]>>;

/** One document of the metrics of several workers. Each value has the label `worker`, so that nothing is summed. */
export function textOfWorkers(workers: WorkerMetrics[]): Promise<string> {
  const labelled = workers.map(({ worker, metrics }) =>
    metrics.map((metric) => ({
      ...metric,
      aggregator: "sum" as const,
      values: metric.values.map((value) => ({ ...value, labels: { ...value.labels, worker } })),
    })),
  );
  return AggregatorRegistry.aggregate(labelled).metrics();
}

function collect(metric: Counter | Gauge, read: Read | undefined): void {
  if (read === undefined) return;
  metric.reset();
  for (const { labels = {}, value } of read()) metric.inc(labels, value);
}

let ofProcess: Registry | null = null;

/** The metrics of the process, such as memory and event-loop lag, which all of its nodes share. */
function processRegistry(): Registry {
  if (ofProcess === null) {
    ofProcess = new Registry();
    collectDefaultMetrics({ register: ofProcess, eventLoopMonitoringPrecision: 20 });
  }
  return ofProcess;
}
