import { z } from "zod";
import { recoveryFailures } from "../channels.js";

/**
 * What is said on a channel of any kind about the subscription itself. Such a publication carries the offset that
 * the channel has reached, as it takes none of its own.
 */
export const channelEvents = {
  /**
   * What was missed can't be had: the log lost it (as in a subscription's `reason`), or the channel keeps no history
   * and the connection was too slow (`skipped`). Read the state anew; what follows lies behind this position.
   */
  "channel.resync": z.object({
    reason: z
      .enum([...recoveryFailures, "skipped"])
      .describe(
        "Why publications were lost. `skipped`: the channel keeps no history and the client read too slowly.",
      ),
  }),
  /** The subscription is over: the caller may no longer read the channel, or it is gone. */
  "channel.ended": z.object({
    code: z.string().describe("The error code."),
    message: z.string().describe("Why the subscription ended, for people."),
  }),
};

export type ChannelResync = z.infer<(typeof channelEvents)["channel.resync"]>;
export type ChannelEnded = z.infer<(typeof channelEvents)["channel.ended"]>;
