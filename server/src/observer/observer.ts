import type { ChannelKind, RecoveryFailure } from "@grandstand/shared/channels";
import type { CloseReason } from "@grandstand/shared/close-codes";
import type { ErrorCode } from "@grandstand/shared/errors";
import type { Tracer } from "./tracer.js";

/** How the fetch of a profile from the app's backend ended. `invalid`: the response could not be read. */
export type ProfileOutcome = "found" | "unknown" | "invalid" | "failed";

/** How a hook answered. */
export type HookOutcome = "allowed" | "changed" | "refused" | "failed";

/** The transport of a call or a connection. Only REST has calls without a connection. */
export type TransportName = "rest" | LiveTransportName;
export type LiveTransportName = "websocket" | "socketio" | "sse";

/**
 * Why a connection closed: the reason of its close notice; `terminated` by this node without a notice; `ended` because
 * the last subscription of an event stream ended; or `client`, which includes lost networks.
 */
export type ClosedBy = CloseReason | "terminated" | "ended" | "client";

/**
 * What happens on a node, with what is known about it. No detail names a user, a room or an address, so a detail can be
 * the label of a metric.
 */
export interface Facts {
  /** A call was answered. `operation` is `unknown` if the contract has no operation of that name. */
  callEnded: { operation: string; transport: TransportName; code: ErrorCode | "ok"; ms: number };
  /** A request, a handshake or a frame was refused before it became a call. */
  refused: { transport: TransportName; code: ErrorCode };
  /** A limit refused something. `limit` is one of the names in `ops/metrics/table.ts`. */
  limitReached: { limit: string };
  connectionOpened: { transport: LiveTransportName };
  connectionClosed: { transport: LiveTransportName; by: ClosedBy };
  /** Backpressure paused the subscriptions of a connection. */
  consumerPaused: { transport: LiveTransportName };
  /** A subscription began: new, recovered from a position, or with a snapshot because it could not recover. */
  subscribed: { kind: ChannelKind; outcome: "new" | "recovered" | RecoveryFailure };
  /** Subscribers of a channel were sent a resync. */
  resyncSent: { kind: ChannelKind; reason: string };
  /** A push was sent to its receivers. `waitedMs` is how long its first publication waited in a batch. */
  pushSent: { kind: ChannelKind; publications: number; receivers: number; waitedMs: number };
  /** This node read publications of a channel from Redis, because they had not arrived over Redis pub/sub. */
  gapHealed: { kind: ChannelKind; publications: number };
  /** A heartbeat that this node published came back through Redis pub/sub, `ms` later. */
  busHeartbeat: { ms: number };
  /** After a lost connection, the node's subscriptions to Redis pub/sub are complete and up to date again. */
  busSynced: { topics: number };
  /** A command or a script was answered. `failure` is null, a code of Redis, `no reply` or `error`. */
  redisReplied: { command: string; failure: string | null; ms: number };
  /** A connection to Redis is ready: the first time, or again after it was lost. */
  redisConnected: { connection: string };
  /** This node swept a node that is gone: it removed the members of that node from `rooms` rooms. */
  presenceSwept: { rooms: number };
  /** Members left because their grace or TTL ended. */
  presenceExpired: { members: number };
  /** An attempt of a webhook delivery ended. `dead`: it failed, and there is no further attempt. */
  webhookAttempted: { outcome: "delivered" | "failed" | "dead"; ms: number };
  /** Events of a webhook were dropped, because too many deliveries were pending. */
  webhookDropped: { deliveries: number };
  /** A hook of the app answered, or failed. `source` is where it runs. */
  hookAsked: { hook: string; source: "process" | "http"; outcome: HookOutcome; ms: number };
  /** A profile was fetched from the app's backend, or could not be. */
  profileFetched: { outcome: ProfileOutcome; ms: number };
  jobEnded: { queue: string; outcome: "completed" | "failed"; ms: number };
}

/**
 * The interface through which the layers report what happens. An observer must not throw and must not block.
 * The layers do not know whether an observer counts, logs or traces.
 */
export interface Observer {
  note<F extends keyof Facts>(fact: F, detail: Facts[F]): void;
  /** Opens spans. Undefined unless traces are on. */
  readonly tracer?: Tracer | undefined;
}

export const noObserver: Observer = { note() {} };

/** An observer that passes facts on to several others, and opens spans with `tracer`. */
export function observers(all: readonly Observer[], tracer?: Tracer): Observer {
  if (tracer === undefined && all.every((observer) => observer === noObserver)) return noObserver;
  return {
    tracer,
    note(fact, detail) {
      for (const observer of all) observer.note(fact, detail);
    },
  };
}
