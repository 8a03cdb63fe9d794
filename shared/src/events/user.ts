import { z } from "zod";
import { chatRoom } from "../chat-room.js";
import { jsonObject, timestamp } from "../json.js";
import { limits } from "../limits.js";
import { chatMessage } from "./chat.js";
import { profileEvents } from "./profile.js";

/** The kind of a notice, by which an app recognizes it. */
export const noticeName = z
  .string()
  .regex(
    /^[A-Za-z0-9][A-Za-z0-9._:-]{0,63}$/,
    "must be 1 to 64 characters of A-Z a-z 0-9 . _ : - and begin with a letter or a digit",
  )
  .meta({ id: "NoticeName", description: "The kind of a notice. The app chooses its meaning." });

export const noticeData = jsonObject(limits.userNoticeBytes);

/** A message of an app's server to all devices of one user. */
export const userNotice = z
  .object({
    id: z.string().describe("The id of the notice."),
    name: noticeName,
    data: noticeData.nullable().describe("What the server attached, or null."),
    sentAt: timestamp.describe("When it was sent."),
  })
  .meta({ id: "UserNotice", description: "A message of an app's server to all devices of one user." });

/** A view says which part of a channel to follow. A user's channel is always followed as a whole. */
export const userView = z
  .strictObject({})
  .meta({ id: "UserView", description: "The view of a user's channel has no options." });

/** The state with which a subscription begins. */
export const userSnapshot = z
  .object({
    rooms: z.array(chatRoom).describe("The rooms that the user is in on any device, sorted by id."),
    notices: z
      .array(userNotice)
      .describe(
        "The last 50 notices of the last 24 hours, oldest first. A device recognizes notices that it already has by their ids.",
      ),
  })
  .meta({ id: "UserSnapshot", description: "The rooms and notices of a user." });

export const userEvents = {
  ...profileEvents,
  /** The user entered a room with a first device. */
  "user.entered": z.object({ room: chatRoom }),
  /** The user left a room with the last device. */
  "user.left": z.object({ room: chatRoom }),
  "user.notice": userNotice,
  /**
   * A room of the user has a new message, or its unread count has changed. Sent at most once a second for each room.
   * The event is not stored and gets no offset of its own. It is published with the offset of the publication before it.
   */
  "chat.unread": z.object({
    room: chatRoom,
    unread: z.int().describe("The number of messages by others after the user's read mark."),
    lastMessage: chatMessage.nullable().describe("The last message of the room; null without one."),
  }),
  /** The user has read a room up to an offset, on any device. Like `chat.unread`, the event is not stored. */
  "chat.read": z.object({ room: chatRoom, offset: z.int().describe("The user's read mark.") }),
};

export type UserNotice = z.infer<typeof userNotice>;
export type UserSnapshot = z.infer<typeof userSnapshot>;
export type ChatUnread = z.infer<(typeof userEvents)["chat.unread"]>;
export type ChatRead = z.infer<(typeof userEvents)["chat.read"]>;
export type UserEntered = z.infer<(typeof userEvents)["user.entered"]>;
export type UserLeft = z.infer<(typeof userEvents)["user.left"]>;
