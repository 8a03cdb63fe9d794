import { z } from "zod";
import { channelContractOf, channelContracts } from "../channel-contracts.js";
import { channel, parseChannel, position, recoveryFailures } from "../channels.js";
import { defineOperations } from "../operation.js";

const publication = z.object({ offset: z.int(), event: z.string(), data: z.unknown() });

const subscribeInput = z
  .strictObject({
    channel,
    /** Resume after this position. */
    since: position.optional(),
    /** What part of the channel to watch, where its kind has parts. */
    view: channelContracts.leaderboard.view.optional(),
  })
  .refine(({ channel, view }) => view === undefined || hasParts(channel), {
    path: ["view"],
    message: "can't be given for this kind of channel",
  });

function hasParts(channel: string): boolean {
  const contract = channelContractOf(parseChannel(channel)?.kind);
  return contract !== null && Object.keys(contract.view.shape).length > 0;
}

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
      snapshot: z
        .union([channelContracts.leaderboard.snapshot, channelContracts.counter.snapshot])
        .optional(),
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
