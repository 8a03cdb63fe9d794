import { z } from "zod";
import { channel, position, recoveryFailures } from "../channels.js";
import { leaderboardSnapshot, leaderboardView } from "../events/leaderboard.js";
import { defineOperations } from "../operation.js";

const publication = z.object({ offset: z.int(), event: z.string(), data: z.unknown() });

export const subscribeInput = z.strictObject({
  channel,
  /** Resume after this position. */
  since: position.optional(),
  /** What part of the channel to watch, where its kind has parts. */
  view: leaderboardView.optional(),
});

export const channelOperations = defineOperations({
  "channel.subscribe": {
    summary: "Follow a channel: its state now, then every publication after it",
    rest: null,
    callers: "authenticated",
    isWrite: false,
    cost: 2,
    input: subscribeInput,
    output: z.object({
      channel,
      /** Where the state stands; every publication after it follows. */
      position,
      /** Whether the subscription was resumed exactly at `since`. */
      recovered: z.boolean(),
      /** Why it could not be. */
      reason: z.enum(recoveryFailures).optional(),
      snapshot: leaderboardSnapshot.optional(),
      publications: z.array(publication).optional(),
    }),
    errors: ["forbidden", "not_found", "conflict"],
  },
  "channel.unsubscribe": {
    summary: "Stop following a channel",
    rest: null,
    callers: "authenticated",
    isWrite: false,
    cost: 1,
    input: z.strictObject({ channel }),
    output: z.object({ channel }),
    errors: ["not_found"],
  },
});
