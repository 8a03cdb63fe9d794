import type { Logger } from "pino";
import type { Config } from "../config/config.js";
import { NodeActivity } from "../domains/admin/node-activity.js";
import { observers } from "../observer/observer.js";
import { DescriptorWatch } from "../ops/descriptor-watch.js";
import { NodeMetrics } from "../ops/metrics/node-metrics.js";
import { RefusalLog } from "../ops/refusal-log.js";
import { startTraces } from "../ops/traces/traces.js";
import { version } from "../ops/version.js";

export type Observation = Awaited<ReturnType<typeof startObservation>>;

/**
 * What observes a node: its log, metrics and traces.
 * @param processLog the log of the process; the node's log adds the node's id to each line
 */
export async function startObservation(config: Config, processLog: Logger, nodeId: string) {
  const log = processLog.child({ node: nodeId });
  const metrics = new NodeMetrics(config);
  const traces = await startTraces(config.isTracing, { nodeId, version });
  const activity = new NodeActivity();
  return {
    log,
    metrics,
    traces,
    activity,
    observer: observers([metrics.observer, activity, new RefusalLog(log)], traces.tracer),
    // Observes the connections to Redis. Commands to Redis are frequent, so observers that ignore them are left out.
    commandObserver: observers([metrics.observer], traces.tracer),
    descriptorWatch: new DescriptorWatch(log),
  };
}
