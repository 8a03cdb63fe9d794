import { channelKinds } from "@grandstand/shared/channels";

/** One metric. The values of each label are few, and never name a user, a room, a board or an address. */
export interface MetricRow {
  type: "counter" | "gauge" | "histogram";
  help: string;
  /** The values of each label, as text for docs/metrics.md. */
  labels?: Readonly<Record<string, string>>;
  /** The upper bounds of a histogram's buckets. */
  buckets?: readonly number[];
}

const transport = "`rest`, `websocket`, `socketio` or `sse`";
const liveTransport = "`websocket`, `socketio` or `sse`";
const code = "an error code of [errors.md](errors.md)";
const kind = new Intl.ListFormat("en-GB", { type: "disjunction" }).format(
  channelKinds.map((name) => `\`${name}\``),
);

/** The last bucket ends at 2.5 seconds, because no call takes longer. */
const callSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];
const redisSeconds = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.05, 0.25, 1, 2.5];

/** All metrics of a node, except those that prom-client adds for the process. docs/metrics.md is generated from this table. */
export const metricTable = {
  // Calls
  grandstand_calls_total: {
    type: "counter",
    help: "Calls that were answered.",
    labels: { operation: "an operation, or `unknown`", transport, code: `\`ok\`, or ${code}` },
  },
  grandstand_call_duration_seconds: {
    type: "histogram",
    help: "How long calls took, from their arrival to their reply.",
    labels: { operation: "an operation, or `unknown`" },
    buckets: callSeconds,
  },
  grandstand_refusals_total: {
    type: "counter",
    help: "Requests, handshakes, connect frames and other frames that were refused before they became a call.",
    labels: { transport, code },
  },
  grandstand_limits_reached_total: {
    type: "counter",
    help: "Calls, connections and sockets that a limit refused.",
    labels: {
      limit:
        "`user`, `key`, `address`, `failures` or `creations` for a quota, `connection`, `inFlight`, `connectionsPerUser`, " +
        "`connectionsPerAddress`, `connectionsPerNode`, `connectionsPerSecond`, `waitingPerAddress` or `socketsPerAddress`",
    },
  },
  // Connections
  grandstand_connections: {
    type: "gauge",
    help: "Open connections.",
    labels: { transport: liveTransport },
  },
  grandstand_connections_opened_total: {
    type: "counter",
    help: "Connections that were opened.",
    labels: { transport: liveTransport },
  },
  grandstand_connections_closed_total: {
    type: "counter",
    help: "Connections that were closed.",
    labels: {
      transport: liveTransport,
      code: "the close code of [protocols.md](protocols.md), or `none`",
      reason:
        "the reason of the close code, such as `slow consumer`; `client` when the client or the network closed it; " +
        "`terminated` when the node closed it without a notice; `ended` when the last subscription of an event stream ended",
    },
  },
  grandstand_queued_bytes: {
    type: "gauge",
    help: "Bytes that wait in this process for clients to read them.",
  },
  grandstand_slow_consumers: {
    type: "gauge",
    help: "Connections whose clients read more slowly than their channels publish.",
  },
  grandstand_consumers_paused_total: {
    type: "counter",
    help: "How often backpressure paused the subscriptions of a connection.",
    labels: { transport: liveTransport },
  },
  // Channels
  grandstand_channels: {
    type: "gauge",
    help: "Channels with a subscriber on this node.",
  },
  grandstand_subscriptions: {
    type: "gauge",
    help: "Subscriptions of this node's connections.",
    labels: { kind },
  },
  grandstand_subscribes_total: {
    type: "counter",
    help: "Subscriptions that began.",
    labels: {
      kind,
      outcome:
        "`new` without a position to resume from, `recovered`, or why it got a snapshot: `epoch`, `trimmed`, `ahead` or `forked`",
    },
  },
  grandstand_resyncs_total: {
    type: "counter",
    help: "How often subscribers were sent a resync: they have to read the channel's state again.",
    labels: { kind, reason: "`skipped`, `epoch`, `trimmed`, `ahead` or `forked`" },
  },
  grandstand_publications_total: {
    type: "counter",
    help: "Publications that this node handed to a fan-out group or to a single subscriber.",
    labels: { kind },
  },
  grandstand_deliveries_total: {
    type: "counter",
    help: "Publications times their receivers on this node.",
    labels: { kind },
  },
  grandstand_batch_publications: {
    type: "histogram",
    help: "Publications in each push that waited in a batch.",
    labels: { kind },
    buckets: [1, 2, 5, 10, 25, 50, 100, 250],
  },
  grandstand_batch_wait_seconds: {
    type: "histogram",
    help: "How long the first publication of each batch waited.",
    labels: { kind },
    buckets: [0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 1],
  },
  grandstand_gaps_healed_total: {
    type: "counter",
    help: "Publications that a feed read from a log because its topic had not brought them.",
    labels: { kind },
  },
  // Bus
  grandstand_bus_synced: {
    type: "gauge",
    help: "1 while this node receives every message of its topics.",
  },
  grandstand_bus_topics: {
    type: "gauge",
    help: "Topics that this node follows.",
  },
  grandstand_bus_lag_seconds: {
    type: "histogram",
    help: "How long a heartbeat took through Redis and back: once a second, or once a minute on an idle node.",
    buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
  },
  grandstand_bus_syncs_total: {
    type: "counter",
    help: "How often the subscriptions were lost and synced again.",
  },
  // Redis
  grandstand_redis_connection_up: {
    type: "gauge",
    help: "1 while a connection to Redis is ready.",
    labels: { connection: "`commands`, `subscriptions` or `jobs`" },
  },
  grandstand_redis_connects_total: {
    type: "counter",
    help: "How often a connection to Redis became ready. The first time counts, too.",
    labels: { connection: "`commands`, `subscriptions` or `jobs`" },
  },
  grandstand_redis_serves: {
    type: "gauge",
    help: "1 while Redis serves this node's reads or writes, by a check every two seconds, or every two minutes on an idle node.",
    labels: { access: "`reads` or `writes`" },
  },
  grandstand_redis_command_duration_seconds: {
    type: "histogram",
    help: "How long Redis took to answer, queueing included.",
    labels: {
      command: "a script, such as `chat.send`; `script` for one of a library; or a command of Redis",
    },
    buckets: redisSeconds,
  },
  grandstand_redis_failures_total: {
    type: "counter",
    help: "Commands and scripts that failed.",
    labels: { failure: "a code of Redis, such as `OOM` or `READONLY`; `no reply`; or `error`" },
  },
  // Presence and jobs
  grandstand_presence_sweeps_total: {
    type: "counter",
    help: "Gone nodes that this node swept: it removed their members from their rooms.",
  },
  grandstand_presence_swept_rooms_total: {
    type: "counter",
    help: "Rooms that those sweeps covered.",
  },
  grandstand_presence_expired_total: {
    type: "counter",
    help: "Members whom this node removed because their grace or TTL had ended.",
  },
  grandstand_job_duration_seconds: {
    type: "histogram",
    help: "How long jobs ran on this node.",
    labels: { queue: "`upkeep`: ends of seasons, and erasures", outcome: "`completed` or `failed`" },
    buckets: [0.005, 0.025, 0.1, 0.5, 2.5, 10, 60],
  },
  // Webhooks, hooks and profiles
  grandstand_webhook_attempt_duration_seconds: {
    type: "histogram",
    help: "How long the attempts of webhook deliveries took.",
    labels: { outcome: "`delivered`, `failed` when it is repeated, or `dead` when it was given up" },
    buckets: [0.01, 0.05, 0.1, 0.5, 1, 2.5, 5, 10],
  },
  grandstand_webhook_dropped_total: {
    type: "counter",
    help: "Deliveries that were dropped because too many were pending for a webhook.",
  },
  grandstand_hook_duration_seconds: {
    type: "histogram",
    help: "How long the hooks of the app took to decide. Answers from the cache count as fast ones.",
    labels: {
      hook: "a hook, such as `chat.send`",
      source: "`process` or `http`",
      outcome: "`allowed`, `changed`, `refused` or `failed`",
    },
    buckets: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2],
  },
  grandstand_profile_fetch_duration_seconds: {
    type: "histogram",
    help: "How long the app's backend took to answer for a profile. Answers from the cache do not count.",
    labels: {
      outcome: "`found`, `unknown` to the backend, `invalid` when the response can't be read, or `failed`",
    },
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
  },
  // Node
  grandstand_node_info: {
    type: "gauge",
    help: "Always 1. The label `node` is the id that log lines and the event `welcome` also contain.",
    labels: { node: "the id of the node", version: "the version of Grandstand" },
  },
  grandstand_draining: {
    type: "gauge",
    help: "1 while the node stops.",
  },
} as const satisfies Record<string, MetricRow>;

export type MetricName = keyof typeof metricTable;

/** The metrics of one type. */
export type NamesOf<Type extends MetricRow["type"]> = {
  [N in MetricName]: (typeof metricTable)[N]["type"] extends Type ? N : never;
}[MetricName];

/** The labels of one metric. */
export type LabelsOf<N extends MetricName> = (typeof metricTable)[N] extends {
  labels: infer Labels;
}
  ? { [L in keyof Labels]: string }
  : Record<never, never>;
