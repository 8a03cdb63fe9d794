import { type ChannelKind, channelKinds, recoveryFailures } from "@grandstand/shared/channels";
import { closeDetails } from "@grandstand/shared/close-details";
import type { ClosedBy, Facts, Observer } from "../../observer/observer.js";
import { connectionLimitNames } from "../refusal-log.js";
import type { Metrics } from "./metrics.js";

const MS_PER_SECOND = 1_000;

type Recorders = { [F in keyof Facts]: (detail: Facts[F]) => void };

/** Counts what happens on a node. */
export function metricsRecorder(metrics: Metrics): Observer {
  const pushes = new PushTotals(metrics);
  startRareAtZero(metrics);
  const recorders: Recorders = {
    callEnded({ operation, transport, code, ms }) {
      metrics.count("grandstand_calls_total", { operation, transport, code });
      metrics.observe("grandstand_call_duration_seconds", { operation }, ms / MS_PER_SECOND);
    },
    refused: (labels) => metrics.count("grandstand_refusals_total", labels),
    limitReached: (labels) => metrics.count("grandstand_limits_reached_total", labels),
    connectionOpened: (labels) => metrics.count("grandstand_connections_opened_total", labels),
    connectionClosed: ({ transport, by }) =>
      metrics.count("grandstand_connections_closed_total", { transport, ...closeLabels(by) }),
    consumerPaused: (labels) => metrics.count("grandstand_consumers_paused_total", labels),
    subscribed: (labels) => metrics.count("grandstand_subscribes_total", labels),
    resyncSent: (labels) => metrics.count("grandstand_resyncs_total", labels),
    pushSent: (push) => pushes.add(push),
    gapHealed: ({ kind, publications }) =>
      metrics.count("grandstand_gaps_healed_total", { kind }, publications),
    busHeartbeat: ({ ms }) => metrics.observe("grandstand_bus_lag_seconds", {}, ms / MS_PER_SECOND),
    busSynced: () => metrics.count("grandstand_bus_syncs_total", {}),
    redisReplied({ command, failure, ms }) {
      metrics.observe("grandstand_redis_command_duration_seconds", { command }, ms / MS_PER_SECOND);
      if (failure !== null) metrics.count("grandstand_redis_failures_total", { failure });
    },
    redisConnected: (labels) => metrics.count("grandstand_redis_connects_total", labels),
    presenceSwept({ rooms }) {
      metrics.count("grandstand_presence_sweeps_total", {});
      metrics.count("grandstand_presence_swept_rooms_total", {}, rooms);
    },
    presenceExpired: ({ members }) => metrics.count("grandstand_presence_expired_total", {}, members),
    webhookAttempted: ({ outcome, ms }) =>
      metrics.observe("grandstand_webhook_attempt_duration_seconds", { outcome }, ms / MS_PER_SECOND),
    webhookDropped: ({ deliveries }) => metrics.count("grandstand_webhook_dropped_total", {}, deliveries),
    hookAsked: ({ ms, ...labels }) =>
      metrics.observe("grandstand_hook_duration_seconds", labels, ms / MS_PER_SECOND),
    profileFetched: ({ ms, outcome }) =>
      metrics.observe("grandstand_profile_fetch_duration_seconds", { outcome }, ms / MS_PER_SECOND),
    jobEnded: ({ queue, outcome, ms }) =>
      metrics.observe("grandstand_job_duration_seconds", { queue, outcome }, ms / MS_PER_SECOND),
  };
  return { note: (fact, detail) => recorders[fact](detail) };
}

/** Starts the series of rare events at 0. If a series began with its first event, Prometheus would not see an increase. */
function startRareAtZero(metrics: Metrics): void {
  for (const kind of channelKinds) {
    for (const reason of ["skipped", ...recoveryFailures]) {
      metrics.count("grandstand_resyncs_total", { kind, reason }, 0);
    }
  }
  for (const limit of connectionLimitNames) metrics.count("grandstand_limits_reached_total", { limit }, 0);
}

function closeLabels(by: ClosedBy): { code: string; reason: string } {
  if (by === "client" || by === "terminated" || by === "ended") return { code: "none", reason: by };
  const { code, reason } = closeDetails(by);
  return { code: String(code), reason };
}

/** Pushes are the most frequent fact, so their totals are plain numbers that are read when metrics are collected. */
class PushTotals {
  readonly #metrics: Metrics;
  readonly #publications = new Map<ChannelKind, number>(channelKinds.map((kind) => [kind, 0]));
  readonly #deliveries = new Map<ChannelKind, number>(channelKinds.map((kind) => [kind, 0]));

  constructor(metrics: Metrics) {
    this.#metrics = metrics;
    const samplesOf = (totals: ReadonlyMap<ChannelKind, number>) => () =>
      [...totals].map(([kind, value]) => ({ labels: { kind }, value }));
    metrics.onCollect("grandstand_publications_total", samplesOf(this.#publications));
    metrics.onCollect("grandstand_deliveries_total", samplesOf(this.#deliveries));
  }

  add({ kind, publications, receivers, waitedMs }: Facts["pushSent"]): void {
    this.#publications.set(kind, this.#publications.get(kind)! + publications);
    this.#deliveries.set(kind, this.#deliveries.get(kind)! + publications * receivers);
    if (waitedMs === 0) return;
    this.#metrics.observe("grandstand_batch_publications", { kind }, publications);
    this.#metrics.observe("grandstand_batch_wait_seconds", { kind }, waitedMs / MS_PER_SECOND);
  }
}
