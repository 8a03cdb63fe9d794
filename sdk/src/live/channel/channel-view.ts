import type { InputOf } from "@grandstand/shared/contract";

/** Which part of a channel to follow. */
export type ChannelView = NonNullable<InputOf<"channel.subscribe">["view"]>;
/** The view of a channel that has no parts. */
export const wholeChannel: ChannelView = {};

export function isSameView(one: ChannelView | null, other: ChannelView | null): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
