import type { Position, Publication, RecoveryFailure } from "@grandstand/shared/channels";
import type { InputOf } from "@grandstand/shared/contract";
import type { GrandstandError } from "@grandstand/shared/errors";

/** Which part of a channel to follow. */
export type ChannelView = NonNullable<InputOf<"channel.subscribe">["view"]>;
/** The view that selects the whole channel. */
export const wholeChannel: ChannelView = {};

export function isSameView(one: ChannelView | null, other: ChannelView | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** The same as `ChannelHandlers` (raw-channel.ts), for any kind of channel. */
export interface Handlers {
  view?: ChannelView;
  onSnapshot?(snapshot: unknown, position: Position, lost: RecoveryFailure | null): void;
  onPublication?(publication: Publication): void;
  onStatus?(status: "live" | "stale" | "failed", error: GrandstandError | null): void;
}
