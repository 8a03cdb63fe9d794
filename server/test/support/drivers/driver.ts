import type { Position, Push } from "@grandstand/shared/channels";
import type { Ack } from "@grandstand/shared/frames";

/** Opens clients of one transport, for suites that run on every transport. */
export interface Driver {
  name: string;
  /** @param token null for a caller without credentials, where the transport allows it */
  open(url: string, token: string | null): Promise<Client>;
}

/** A client that calls operations. */
export interface Client {
  call(operation: string, input?: unknown): Promise<Ack>;
  close(): Promise<void>;
}

/** One transport with channels. */
export interface LiveDriver {
  name: string;
  follow(url: string, token: string, input: SubscribeInput): Promise<Follower>;
}

export interface SubscribeInput {
  channel: string;
  view?: Record<string, unknown>;
  since?: Position;
}

/** A client that follows one channel. */
export interface Follower {
  /** The reply to `channel.subscribe`. */
  reply: Ack;
  /** The pushes that have arrived so far. */
  pushes: Push[];
  /** Events without a position, if the transport separates them from publications. */
  ephemeral?: { event: string; data: unknown }[];
  close(): Promise<void>;
}
