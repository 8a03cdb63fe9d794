import { z } from "zod";
import { recoveryFailures } from "../channels.js";

/**
 * Events about the subscription itself, on a channel of any kind. They have no offset of their own, but carry the
 * current offset of the channel.
 */
export const channelEvents = {
  /**
   * Publications were lost and can't be recovered: the log no longer has them, or the channel keeps no history and
   * the client read too slowly (`skipped`). The client must read the state again; later publications continue that state.
   */
  "channel.resync": z.object({
    reason: z
      .enum([...recoveryFailures, "skipped"])
      .describe(
        "Why publications were lost. `skipped`: the channel keeps no history and the client read too slowly.",
      ),
  }),
  /**
   * The subscription ended, because the caller lost access to the channel or the channel was deleted. An event stream of
   * many channels also sends `channel.ended` for a channel that was refused.
   */
  "channel.ended": z.object({
    code: z.string().describe("The error code."),
    message: z.string().describe("Why the subscription ended, for people."),
  }),
};

export type ChannelResync = z.infer<(typeof channelEvents)["channel.resync"]>;
export type ChannelEnded = z.infer<(typeof channelEvents)["channel.ended"]>;
