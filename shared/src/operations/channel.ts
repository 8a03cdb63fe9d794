import { z } from "zod";
import { channelContractOf, channelContracts } from "../channel-contracts.js";
import { channel, position, recoveryFailures } from "../channels.js";
import { defineOperations } from "../operation.js";

const publication = z.object({
  offset: z.int().describe("The number of the publication within the epoch."),
  event: z.string().describe("The name of the event."),
  data: z.unknown().describe("The data of the event."),
});

/** The part of a channel that a subscription watches, for any kind of channel. */
type View = {
  [Kind in keyof typeof channelContracts]: z.input<(typeof channelContracts)[Kind]["view"]>;
}[keyof typeof channelContracts];

const snapshots = z.union([
  channelContracts.leaderboard.snapshot,
  channelContracts.chat.snapshot,
  channelContracts.counter.snapshot,
  channelContracts.presence.snapshot,
  channelContracts.user.snapshot,
]);

/** Accepts any object. The schema of a view depends on the channel, so `subscribeInput` checks the fields. */
const view = z
  .custom<View>((value) => typeof value === "object" && value !== null, "must be an object")
  .meta({ id: "ChannelView", description: "The view of the channel's kind." });

const subscribeInput = z
  .strictObject({
    channel,
    since: position.optional().describe("Resume after this position."),
    view: view
      .optional()
      .describe("The part of the channel to watch, for kinds of channels that have parts."),
  })
  .check(({ value: { channel, view }, issues }) => {
    if (view === undefined) return;
    const contract = channelContractOf(channel);
    // An invalid channel already has an issue, at the field `channel`.
    if (contract === null) return;
    // The issues get no text here: the code that parses with `subscribeInput` chooses the texts, as for all other fields.
    const { error } = contract.view.safeParse(view, { error: () => "", reportInput: true });
    for (const issue of error?.issues ?? []) {
      issues.push({ ...issue, path: ["view", ...issue.path] } as z.core.$ZodRawIssue);
    }
  });

export const channelOperations = defineOperations({
  "channel.subscribe": {
    summary: "Subscribe to a channel: the reply has its state, pushes bring every later publication",
    rest: null,
    callers: "authenticated",
    access: { right: "subscribe", channel: "{channel}" },
    isWrite: false,
    cost: 2,
    input: subscribeInput,
    output: z.object({
      channel,
      position: position.describe("The position of the state. Every later publication follows."),
      recovered: z.boolean().describe("Whether the subscription resumed exactly at `since`."),
      reason: z.enum(recoveryFailures).optional().describe("Why the subscription could not resume."),
      snapshot: snapshots
        .optional()
        .describe("The state at the position. Absent when the subscription resumed."),
      publications: z
        .array(publication)
        .optional()
        .describe("The publications after `since`. Present only when the subscription resumed."),
    }),
    errors: ["forbidden", "not_found", "conflict"],
  },
  "channel.unsubscribe": {
    summary: "Unsubscribe from a channel",
    rest: null,
    callers: "authenticated",
    access: null,
    isWrite: false,
    cost: 1,
    input: z.strictObject({ channel }),
    output: z.object({ channel }),
    errors: ["not_found"],
  },
});
