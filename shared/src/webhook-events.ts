import { z } from "zod";
import { chatMessage } from "./events/chat.js";
import { presenceMember } from "./events/presence.js";
import { memberId, resourceId } from "./ids.js";
import { timestamp } from "./json.js";
import { seasonId, windowName } from "./operations/leaderboard/windows.js";

const board = resourceId.describe("The board.");
const room = resourceId.describe("The room.");

const rankChange = z.object({
  member: memberId,
  score: z.number().describe("The score of the entry."),
  rank: z.int().describe("The rank now, counted from 1."),
  previousRank: z.int().nullable().describe("The rank before; null when the member had no entry."),
});

/**
 * The data of each event that a webhook can receive. The first field is the id to which the webhook's filter `ids`
 * applies.
 */
export const webhookEvents = {
  "leaderboard.season_closed": z.object({
    board,
    window: windowName.describe("The window of the season."),
    season: seasonId,
    startsAt: timestamp.describe("When the season began."),
    closedAt: timestamp.describe("When the season was closed."),
    total: z.int().describe("The final number of entries."),
    next: seasonId.describe("The season that is open now."),
  }),
  "leaderboard.rank_changed": z.object({
    board,
    window: windowName.describe("The window."),
    season: seasonId,
    changes: z
      .array(rankChange)
      .describe(
        "The member who submitted, then each member within the first ranks whose rank changed because of it.",
      ),
  }),
  "chat.message": z.object({
    room,
    offset: z.int().describe("The offset of the message."),
    message: chatMessage
      .nullable()
      .describe("The message as it is at the time of this delivery; null when the room no longer keeps it."),
  }),
  "presence.joined": z.object({ room, member: presenceMember }),
  "presence.left": z.object({ room, user: memberId }),
  "counter.threshold": z.object({
    counter: resourceId.describe("The counter."),
    threshold: z.int().describe("The threshold that was crossed."),
    value: z.int().describe("The value of the counter right after it."),
  }),
  "user.online": z.object({ user: memberId }),
  "user.offline": z.object({ user: memberId }),
  "webhook.test": z.object({ webhook: z.string().describe("The webhook that is tested.") }),
};

export type WebhookEventName = keyof typeof webhookEvents;

/** The events that a webhook can choose. `webhook.test` is only sent by the operation of that name. */
export const choosableEvents = (Object.keys(webhookEvents) as WebhookEventName[]).filter(
  (name) => name !== "webhook.test",
) as [WebhookEventName, ...WebhookEventName[]];

/** The JSON body of one delivery. */
export type WebhookEvent = {
  [Name in WebhookEventName]: {
    /** The event's name. */
    type: Name;
    /** When the event happened, by the clock of Redis: ISO 8601 in UTC. */
    timestamp: string;
    data: z.output<(typeof webhookEvents)[Name]>;
  };
}[WebhookEventName];
