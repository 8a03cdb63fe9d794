import type { ChannelKind, Position, RecoveryFailure } from "@grandstand/shared/channels";
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

/** A publication of a kind of channel. The name in `event` determines the type of `data`. */
export type PublicationOf<K extends keyof ChannelKinds> = {
  [E in keyof ChannelKinds[K]["events"]]: {
    readonly offset: number;
    readonly event: E;
    readonly data: ChannelKinds[K]["events"][E];
  };
}[keyof ChannelKinds[K]["events"]];

export interface ChannelHandlers<K extends keyof ChannelKinds> {
  /**
   * Which part of the channel to follow. All subscribers of this client to the channel must use the same
   * view.
   */
  view?: ChannelKinds[K]["view"];
  /**
   * Called with the state of the channel, which replaces everything before: at first, and again when
   * publications may have been lost or another subscriber begins. `lost` is the reason why the recovery of a
   * chat room failed, otherwise null.
   */
  onSnapshot?(snapshot: ChannelKinds[K]["snapshot"], position: Position, lost: RecoveryFailure | null): void;
  /** Called with each publication after the snapshot, in order and once. */
  onPublication?(publication: PublicationOf<K>): void;
  /**
   * Called with `live` when the server has accepted the subscription, with `stale` when it is interrupted,
   * and with `failed` when the server refuses it or the client is closed. If the reason for a refusal
   * may be temporary, such as a ban, the client retries from time to time. The error `conflict` has
   * two possible causes:
   * - A live view of this client (a store that the SDK keeps up to date) follows the channel.
   * - Another subscriber of this client uses another `view`. In this case, none of the functions here is called again.
   */
  onStatus?(status: "live" | "stale" | "failed", error: GrandstandError | null): void;
}

/**
 * Follows a channel without a live view. This is not possible while a live view of this client follows the same
 * channel.
 */
export interface Channel<K extends keyof ChannelKinds> {
  readonly channel: string;
  /**
   * @returns a function that removes `handlers`. The client unsubscribes one second after the last handlers for
   * the channel were removed.
   */
  subscribe(handlers: ChannelHandlers<K>): () => void;
  /** Retries a refused subscription immediately. */
  retry(): void;
}

/** All kinds of channels. A `ChannelKind` that `ChannelKinds` lacks is a compile error. */
const kinds = Object.keys({
  leaderboard: true,
  counter: true,
  chat: true,
  presence: true,
  user: true,
} satisfies Record<ChannelKind, true> satisfies Record<keyof ChannelKinds, true>);

/** @throws {GrandstandError} `bad_request` if the name is not `<kind>:<id>` */
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
