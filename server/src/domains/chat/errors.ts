import { GrandstandError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";
import { refuseReusedKey } from "../../redis/idempotency.js";
import { roomForbidden } from "../shared/room-access.js";
import { endOfSanction } from "./sanctions.js";

/**
 * The error for a script's status.
 * @param details the values of the script's reply after the status, by name
 */
export function errorOf(status: string, details: Record<string, string>): Error {
  refuseReusedKey(status);
  return errors[status]?.(details) ?? new TypeError(`a chat script returned the unknown status ${status}`);
}

const errors: Record<string, (details: Record<string, string>) => GrandstandError> = {
  forbidden: roomForbidden,
  muted: ({ untilMs, waitMs }) => {
    const end = endOfSanction(untilMs);
    const message = end === null ? "is muted permanently" : `is muted until ${end}`;
    return new GrandstandError("forbidden", `The caller ${message}`, {
      issues: [{ path: "user", rule: "muted", message }],
      ...(end !== null && { retryAfterMs: Number(waitMs) }),
    });
  },
  slow: ({ waitMs }) =>
    new GrandstandError("rate_limited", "This room is in slow mode", {
      issues: [
        { path: "room", rule: "slowModeMs", message: `accepts the caller's next message in ${waitMs} ms` },
      ],
      retryAfterMs: Number(waitMs),
    }),
  busy: ({ waitMs }) =>
    new GrandstandError("rate_limited", "The caller changes messages of this room too often", {
      issues: [
        {
          path: "room",
          rule: "changesPerMinute",
          message: `accepts the caller's next change in ${waitMs} ms`,
        },
      ],
      retryAfterMs: Number(waitMs),
    }),
  reactions: () =>
    limitOf(
      "offset",
      "reactionChangesPerMessage",
      `a user can change the reactions to a message ${limits.chatReactionChangesPerMessage} times`,
    ),
  no_reply: () => missing("replyTo", "The message to reply to does not exist"),
  no_message: () => missing("offset", "The message does not exist"),
  no_member: () => missing("user", "The user is not a member of this room"),
  no_room: () => missing("room", "The room does not exist", "does not exist"),
  not_author: () => new GrandstandError("forbidden", "Only the author and moderators may change a message"),
  not_moderator: () => new GrandstandError("forbidden", "Only moderators of the room may do this"),
  edits: () =>
    limitOf("offset", "editsPerMessage", `a message can be edited ${limits.chatEditsPerMessage} times`),
  emoji: () =>
    limitOf(
      "emoji",
      "emojiPerMessage",
      `a message has at most ${limits.chatEmojiPerMessage} different emoji`,
    ),
};

function missing(path: string, message: string, fault = "is not in the room"): GrandstandError {
  return new GrandstandError("not_found", message, { issues: [{ path, rule: "unknown", message: fault }] });
}

function limitOf(path: string, rule: string, message: string): GrandstandError {
  return new GrandstandError("conflict", `${path}: ${message}`, { issues: [{ path, rule, message }] });
}
