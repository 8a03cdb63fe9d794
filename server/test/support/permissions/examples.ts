import type { ChannelKind } from "@grandstand/shared/channels";
import { adminExamples } from "./admin-examples.js";
import { appExamples } from "./app-examples.js";
import { boardExamples, followBoard } from "./board-examples.js";
import { counterExamples, followCounter } from "./counter-examples.js";
import type { Example } from "./example.js";
import { identityExamples } from "./identity-examples.js";
import { followPresence, presenceExamples } from "./presence-examples.js";
import { followRoom, roomExamples } from "./room-examples.js";

/** How to subscribe to a channel of each kind. */
const subscriptions: Partial<Record<ChannelKind, Pick<Example, "users" | "prepare">>> = {
  leaderboard: { users: "may", prepare: followBoard },
  counter: { users: "may", prepare: followCounter },
  chat: { users: "may not", prepare: followRoom },
  presence: { users: "may not", prepare: followPresence },
  user: {
    users: "may",
    prepare: async ({ id }) => ({ input: { channel: `user:${id}` }, channels: [`user:${id}`] }),
  },
};

/** At least one call of every operation, and a `channel.subscribe` for each kind of channel. */
export const examples: Example[] = [
  ...Object.entries(subscriptions).map(
    ([kind, subscription]): Example => ({ operation: "channel.subscribe", about: kind, ...subscription }),
  ),
  {
    operation: "channel.unsubscribe",
    users: "may",
    passesAs: "not_found",
    prepare: async () => ({ input: { channel: "chat:lobby" }, channels: [] }),
  },
  ...identityExamples,
  ...presenceExamples,
  ...boardExamples,
  ...counterExamples,
  ...roomExamples,
  ...appExamples,
  ...adminExamples,
];
