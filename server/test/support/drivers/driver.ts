import type { Position, Push } from "@grandstand/shared/channels";
import type { Ack } from "@grandstand/shared/frames";

/** One transport as the shared suites see it. */
export interface Driver {
  name: string;
  /** @param token null for a caller without credentials, where the transport has such */
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
  /** The answer to `channel.subscribe`. */
  reply: Ack;
  /** What arrived since, and grows. */
  pushes: Push[];
  /** What arrived that has no place in the channel, where the transport tells it apart. */
  fleeting?: { event: string; data: unknown }[];
  close(): Promise<void>;
}
