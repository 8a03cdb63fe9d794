import type { Position, RecoveryFailure } from "@grandstand/shared/channels";
import { GrandstandError } from "@grandstand/shared/errors";
import type { ChannelKinds } from "../../channel-kinds.js";
import type { LazyLive } from "../lazy-live.js";
import type { Handlers } from "./channel-view.js";
import type { RawChannels } from "./raw-channels.js";

/** A channel, such as `chat:lobby`. */
export type ChannelName = `${keyof ChannelKinds}:${string}`;
export type KindOf<C extends ChannelName> = C extends `${infer K extends keyof ChannelKinds}:${string}`
  ? K
  : never;

/** A publication of a kind of channel. `event` says which type `data` has. */
export type PublicationOf<K extends keyof ChannelKinds> = {
  [E in keyof ChannelKinds[K]["events"]]: {
    readonly offset: number;
    readonly event: E;
    readonly data: ChannelKinds[K]["events"][E];
  };
}[keyof ChannelKinds[K]["events"]];

export interface ChannelHandlers<K extends keyof ChannelKinds> {
  /** Which part of the channel to follow. The first subscriber of a channel decides. */
  view?: ChannelKinds[K]["view"];
  /**
   * The state of the channel, which replaces all that was known. It comes at the beginning, and again when publications
   * may have been lost; `lost` then says why a chat room could not continue.
   */
  onSnapshot?(snapshot: ChannelKinds[K]["snapshot"], position: Position, lost: RecoveryFailure | null): void;
  /** The publications after the snapshot, in order, each once. */
  onPublication?(publication: PublicationOf<K>): void;
  /**
   * `live` with every reply of the server; `stale` when the subscription is interrupted; `failed` when the server refuses
   * it, which is tried again from time to time, and with `conflict` when another subscriber follows another view.
   */
  onStatus?(status: "live" | "stale" | "failed", error: GrandstandError | null): void;
}

/** The low-level way to follow a channel. A live view and this one can't follow the same channel at the same time. */
export interface Channel<K extends keyof ChannelKinds> {
  readonly channel: string;
  /** @returns a function that ends the subscription, a second later unless it is subscribed to again */
  subscribe(handlers: ChannelHandlers<K>): () => void;
  /** Asks again at once for what the server refused. */
  retry(): void;
}

const kinds = ["leaderboard", "counter", "chat", "presence", "user"] satisfies (keyof ChannelKinds)[];

/** @throws {GrandstandError} `bad_request` for a name that is no channel's */
export function createChannel<C extends ChannelName>(
  channel: C,
  channels: LazyLive<RawChannels>,
): Channel<KindOf<C>> {
  if (!kinds.some((kind) => channel.startsWith(`${kind}:`) && channel.length > kind.length + 1)) {
    const rule = `must be <kind>:<id>, with a kind of ${kinds.join(", ")}`;
    throw new GrandstandError("bad_request", `channel: ${channel} ${rule}`);
  }
  return {
    channel,
    subscribe: (handlers) => channels.use((live) => live.open(channel).attach(handlers as Handlers)),
    retry: () => channels.loaded?.find(channel)?.subscription.retry(),
  };
}
