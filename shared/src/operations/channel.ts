import { z } from "zod";
import { channelContractOf, channelContracts } from "../channel-contracts.js";
import { channel, parseChannel, position, recoveryFailures } from "../channels.js";
import { defineOperations } from "../operation.js";

const publication = z.object({ offset: z.int(), event: z.string(), data: z.unknown() });

/** What part of a channel to watch: the view of its kind. */
type View = {
  [Kind in keyof typeof channelContracts]: z.input<(typeof channelContracts)[Kind]["view"]>;
}[keyof typeof channelContracts];

const views = Object.values(channelContracts).map(({ view }) => view);
const snapshots = z.union([
  channelContracts.leaderboard.snapshot,
  channelContracts.chat.snapshot,
  channelContracts.counter.snapshot,
  channelContracts.presence.snapshot,
  channelContracts.user.snapshot,
]);

/** Told by the channel's kind, which only the whole input knows: here it is an object, and described. */
const view = z
  .custom<View>((value) => typeof value === "object" && value !== null, "must be an object")
  .meta({ anyOf: views.map((schema) => z.toJSONSchema(schema, { io: "input" })) });

const subscribeInput = z
  .strictObject({
    channel,
    /** Resume after this position. */
    since: position.optional(),
    /** What part of the channel to watch, where its kind has parts. */
    view: view.optional(),
  })
  .check(({ value: { channel, view }, issues }) => {
    if (view === undefined) return;
    const contract = channelContractOf(parseChannel(channel)?.kind);
    if (contract === null) {
      const message = "can't be given for this kind of channel";
      issues.push({ code: "custom", path: ["view"], message, input: view });
      return;
    }
    // What the view's own schema has no words for is said by whoever checks the whole input.
    const { error } = contract.view.safeParse(view, { error: () => "", reportInput: true });
    for (const issue of error?.issues ?? []) {
      issues.push({ ...issue, path: ["view", ...issue.path] } as z.core.$ZodRawIssue);
    }
  });

export const channelOperations = defineOperations({
  "channel.subscribe": {
    summary: "Follow a channel: its state now, then every publication after it",
    rest: null,
    callers: "authenticated",
    access: { right: "subscribe", channel: "{channel}" },
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
      snapshot: snapshots.optional(),
      publications: z.array(publication).optional(),
    }),
    errors: ["forbidden", "not_found", "conflict"],
  },
  "channel.unsubscribe": {
    summary: "Stop following a channel",
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
