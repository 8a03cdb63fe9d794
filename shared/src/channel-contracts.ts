import type { z } from "zod";
import type { ChannelKind } from "./channels.js";
import { chatEvents, chatSnapshot, chatView } from "./events/chat.js";
import { counterEvents, counterSnapshot, counterView } from "./events/counter.js";
import { leaderboardEvents, leaderboardSnapshot, leaderboardView } from "./events/leaderboard.js";
import { presenceEvents, presenceSnapshot, presenceView } from "./events/presence.js";
import { userEvents, userSnapshot, userView } from "./events/user.js";

/** The schemas of one kind of channel. */
export interface ChannelContract {
  /** The part of the channel that a subscriber can ask for. */
  view: z.ZodObject;
  /** The state that a subscription begins with. */
  snapshot: z.ZodType;
  /** The data of each event. */
  events: Record<string, z.ZodType>;
}

/** The kinds of channels that clients can subscribe to. */
export const channelContracts = {
  leaderboard: { view: leaderboardView, snapshot: leaderboardSnapshot, events: leaderboardEvents },
  counter: { view: counterView, snapshot: counterSnapshot, events: counterEvents },
  chat: { view: chatView, snapshot: chatSnapshot, events: chatEvents },
  presence: { view: presenceView, snapshot: presenceSnapshot, events: presenceEvents },
  user: { view: userView, snapshot: userSnapshot, events: userEvents },
} satisfies Partial<Record<ChannelKind, ChannelContract>>;

/** Null for a kind that clients can't subscribe to. */
export function channelContractOf(kind: ChannelKind | undefined): ChannelContract | null {
  const contracts: Partial<Record<ChannelKind, ChannelContract>> = channelContracts;
  return (kind && contracts[kind]) ?? null;
}
