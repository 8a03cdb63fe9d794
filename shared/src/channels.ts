import { z } from "zod";
import { chatRoom } from "./chat-room.js";
import { memberId, resourceId } from "./ids.js";

export const channelKinds = ["leaderboard", "presence", "chat", "counter", "user"] as const;
export type ChannelKind = (typeof channelKinds)[number];

export interface ChannelName {
  kind: ChannelKind;
  /** The id of the board, room, counter or user. */
  id: string;
}

/** Splits `<kind>:<id>`; null when it is not a valid channel name. */
export function parseChannel(channel: string): ChannelName | null {
  const colon = channel.indexOf(":");
  const kind = channelKinds.find((known) => known === channel.slice(0, colon));
  if (colon < 0 || kind === undefined) return null;
  const id = channel.slice(colon + 1);
  return idsOf(kind).safeParse(id).success ? { kind, id } : null;
}

function idsOf(kind: ChannelKind): z.ZodType {
  if (kind === "user") return memberId;
  return kind === "chat" || kind === "presence" ? chatRoom : resourceId;
}

export const channel = z
  .string()
  .refine(
    (value) => parseChannel(value) !== null,
    `must be <kind>:<id> with a valid id, and a kind of ${channelKinds.join(", ")}`,
  )
  .meta({ id: "ChannelName", description: "The name of a channel: `<kind>:<id>`." });

/**
 * A place in a channel. `epoch` identifies one lifetime of the channel's data, and changes when data was lost.
 * Offsets rise within an epoch. A chat position also carries the id of the item at its offset.
 */
export const position = z
  .strictObject({
    epoch: z
      .string()
      .min(1)
      .max(64)
      .describe("One lifetime of the channel's data. It changes when data was lost."),
    offset: z.int().min(0).describe("The number of a publication within the epoch."),
    id: z.string().min(1).max(64).optional().describe("In chat, the id of the item at this offset."),
  })
  .meta({ id: "Position", description: "A place in a channel." });

/**
 * Why a subscription could not resume from its position:
 * - `epoch`: the channel lost its data in the meantime;
 * - `trimmed`: the channel no longer keeps the publications after the position;
 * - `ahead`: the position is ahead of the channel's last offset;
 * - `forked`: the channel has another item at the position's offset.
 */
export const recoveryFailures = ["epoch", "trimmed", "ahead", "forked"] as const;

export type Position = z.infer<typeof position>;
export type RecoveryFailure = (typeof recoveryFailures)[number];

/** One event in a channel. */
export interface Publication {
  offset: number;
  event: string;
  data: unknown;
}

/** What a connection receives: one or more publications of one channel. Their offsets never decrease. */
export interface Push {
  channel: string;
  epoch: string;
  publications: Publication[];
}
