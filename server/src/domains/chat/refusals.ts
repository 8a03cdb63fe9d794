import { GrandstandError } from "@grandstand/shared/errors";
import { limits } from "@grandstand/shared/limits";
import { refuseReusedKey } from "../../redis/idempotency.js";
import { roomForbidden } from "../shared/room-access.js";
import { momentOf } from "./sanctions.js";

/**
 * Turns a script's status into an error.
 * @param details what followed the status
 * @throws {GrandstandError} unless the status is `ok`.
 */
export function refuse(status: string, details: string[]): void {
  if (status === "ok") return;
  refuseReusedKey(status);
  const refusal = refusals[status];
  if (!refusal) throw new TypeError(`a chat script returned the unknown status ${status}`);
  throw refusal(...details);
}

const refusals: Record<string, (...details: string[]) => GrandstandError> = {
  forbidden: roomForbidden,
  muted,
  slow: (waitMs) =>
    new GrandstandError("rate_limited", "This room is in slow mode", {
      issues: [{ path: "room", rule: "slowModeMs", message: `takes the next message in ${waitMs} ms` }],
      retryAfterMs: Number(waitMs),
    }),
  no_reply: () => missing("replyTo", "There is no such message to reply to"),
  no_message: () => missing("offset", "There is no such message"),
  no_member: () => missing("user", "The user is no member of this room"),
  no_room: () => missing("room", "There is no such room"),
  not_author: () =>
    new GrandstandError("forbidden", "Only its author and moderators may do this to a message"),
  not_moderator: () => new GrandstandError("forbidden", "Only the room's moderators may do this"),
  edits: () => {
    const message = `a message can be edited ${limits.chatEditsPerMessage} times`;
    return new GrandstandError("conflict", `offset: ${message}`, {
      issues: [{ path: "offset", rule: "editsPerMessage", message }],
    });
  },
  emoji: () => {
    const message = `a message has at most ${limits.chatEmojiPerMessage} different emoji`;
    return new GrandstandError("conflict", `emoji: ${message}`, {
      issues: [{ path: "emoji", rule: "emojiPerMessage", message }],
    });
  },
};

function missing(path: string, message: string): GrandstandError {
  return new GrandstandError("not_found", message, {
    issues: [{ path, rule: "unknown", message: "is not in the room" }],
  });
}

function muted(until?: string): GrandstandError {
  const end = momentOf(until);
  const message = end === null ? "is muted for good" : `is muted until ${end}`;
  return new GrandstandError("forbidden", `The caller ${message}`, {
    issues: [{ path: "user", rule: "muted", message }],
    ...(end !== null && { retryAfterMs: Math.max(0, Date.parse(end) - Date.now()) }),
  });
}
