import type { z } from "zod";
import { type ChannelKind, parseChannel } from "./channels.js";
import { chatEvents, chatSnapshot, chatView } from "./events/chat.js";
import { counterEvents, counterSnapshot, counterView } from "./events/counter.js";
import { leaderboardEvents, leaderboardSnapshot, leaderboardView } from "./events/leaderboard.js";
import { presenceEvents, presenceSnapshot, presenceView } from "./events/presence.js";
import { userEvents, userSnapshot, userView } from "./events/user.js";

/** The view, snapshot and events of one kind of channel. */
export interface ChannelContract {
  /** The part of the channel that a subscriber may choose. */
  view: z.ZodObject;
  /** The state with which a subscription begins. */
  snapshot: z.ZodType;
  /** The data of each event. */
  events: Record<string, z.ZodType>;
  /**
   * True if a position in such a channel has an `id`, besides its epoch and offset: the `id` in the data of the publication
   * at this offset. A publication whose data has no `id` is not stored, so no client can resume from this publication.
   */
  hasItemIds?: boolean;
}

/** The contract of each kind of channel. */
export const channelContracts = {
  leaderboard: { view: leaderboardView, snapshot: leaderboardSnapshot, events: leaderboardEvents },
  counter: { view: counterView, snapshot: counterSnapshot, events: counterEvents },
  chat: { view: chatView, snapshot: chatSnapshot, events: chatEvents, hasItemIds: true },
  presence: { view: presenceView, snapshot: presenceSnapshot, events: presenceEvents },
  user: { view: userView, snapshot: userSnapshot, events: userEvents },
} satisfies Record<ChannelKind, ChannelContract>;

/** The contract of a channel's kind; null when the name is not valid. */
export function channelContractOf(channel: string): ChannelContract | null {
  const name = parseChannel(channel);
  return name && channelContracts[name.kind];
}
