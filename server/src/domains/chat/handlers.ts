import { randomUUID } from "node:crypto";
import { isDirect } from "@grandstand/shared/direct-rooms";
import { GrandstandError } from "@grandstand/shared/errors";
import type { ChatMessage, ChatTyping } from "@grandstand/shared/events/chat";
import { limits } from "@grandstand/shared/limits";
import type { ChatRole, ChatVisibility } from "@grandstand/shared/operations/chat";
import type { Call } from "../../core/call.js";
import type { Caller } from "../../core/caller.js";
import { checkStatedProfile, profileOf, userOf } from "../../core/caller.js";
import type { DomainHandlers } from "../../core/handler.js";
import { toIsoTime } from "../../core/iso-time.js";
import { notOurCursor } from "../shared/id-index.js";
import { decodeMessage, messagesOf } from "./items.js";
import { RoomLists } from "./room-list.js";
import { sanctionsOf } from "./sanctions.js";
import * as scripts from "./scripts.js";
import { type ChatDependencies, RoomStore } from "./store.js";

/** A room publishes at most one typing event of a user in this time. */
const TYPING_INTERVAL_MS = 2_000;
/** A room keeps this many characters of the digest of a message's idempotency key: 132 bits. */
const SEND_KEY_LENGTH = 22;
const changeLimits = {
  changeLimit: limits.chatChangesPerMinute,
  reactionLimit: limits.chatReactionChangesPerMessage,
};

export function chatHandlers(
  dependencies: ChatDependencies,
  roomLists = new RoomLists(dependencies),
): DomainHandlers<"chat"> {
  const { roomAccessChanges, creationBudget } = dependencies;
  const storeOf = (room: string) => new RoomStore(dependencies, room);

  return {
    "chat.send": async ({ room, text, metadata, replyTo, profile: stated }, call) => {
      const { caller, idempotency, connection } = call;
      checkStatedProfile(caller, stated);
      const profile = stated ?? profileOf(caller);
      const refusal = creationBudget.refusal(caller);
      const { offset, id, sentAtMs, began } = await storeOf(room).run(
        scripts.sendScript,
        caller,
        {
          id: randomUUID(),
          text,
          metadata: jsonText(metadata),
          replyTo: replyTo ?? "",
          profile: jsonText(profile),
          sendKey: idempotency?.scope.slice(0, SEND_KEY_LENGTH) ?? "",
          mayBegin: refusal === null ? "1" : "0",
        },
        { idempotency, pace: "sent", creationRefusal: refusal },
      );
      const trace = dependencies.traces?.of(`chat:${room}`);
      if (caller.kind === "user") trace?.published("chat.send", Number(offset), caller.user.id, connection);
      if (began === "1" && caller.kind === "user") creationBudget.charge(caller.user.id);
      await roomLists.noteUse(room, caller);
      // Built from the input, because the reply that Redis keeps for a repeated call has no text.
      const message: ChatMessage = {
        id,
        offset: Number(offset),
        user: caller.kind === "user" ? caller.user.id : null,
        text,
        metadata: metadata ?? null,
        replyTo: replyTo ?? null,
        sentAt: toIsoTime(sentAtMs),
        editedAt: null,
        deleted: false,
        reactions: {},
        profile,
      };
      return { message };
    },

    "chat.history": async ({ room, before, after, thread, limit }, { caller }) => {
      const { epoch, offset, id, hasMore, replies, unreadReplies, messages } = await storeOf(room).run(
        scripts.historyScript,
        caller,
        { before: before ?? "", after: after ?? "", thread: thread ?? "", limit },
      );
      const position = { epoch, offset: Number(offset), ...(id && { id }) };
      return {
        messages: messagesOf(messages),
        hasMore: hasMore === "1",
        position: epoch === "" ? null : position,
        ...(thread !== undefined && { thread: { count: Number(replies), unread: Number(unreadReplies) } }),
      };
    },

    "chat.edit": async ({ room, offset, text, metadata }, { caller, idempotency }) => {
      const { message } = await storeOf(room).run(
        scripts.editScript,
        caller,
        {
          id: randomUUID(),
          offset,
          text,
          metadata: metadata === undefined ? "" : JSON.stringify(metadata),
          editLimit: limits.chatEditsPerMessage,
          ...changeLimits,
        },
        { idempotency },
      );
      return { message: decodeMessage(offset, message) };
    },

    "chat.delete": async ({ room, offset }, { caller, idempotency }) => {
      const args = { id: randomUUID(), offset, ...changeLimits };
      await storeOf(room).run(scripts.deleteScript, caller, args, { idempotency });
      return { deleted: true };
    },

    "chat.react": (input, call) => react(storeOf(input.room), input, "1", call),
    "chat.unreact": (input, call) => react(storeOf(input.room), input, "0", call),

    "chat.typing": async ({ room }, { caller }) => {
      const user = userOf(caller, "type");
      const event: ChatTyping = { user: user.id, profile: profileOf(caller) };
      const { sent } = await storeOf(room).run(
        scripts.typingScript,
        caller,
        { event: JSON.stringify(event), intervalMs: TYPING_INTERVAL_MS },
        { pace: "typed" },
      );
      return { sent: sent === "1" };
    },

    "chat.read": async ({ room, offset }, { caller, idempotency }) => {
      const user = userOf(caller, "have read marks");
      const mark = await storeOf(room).run(scripts.markReadScript, caller, { offset }, { idempotency });
      await roomLists.noteUse(room, caller);
      roomLists.publishRead(user.id, room, mark.offset);
      return { offset: Number(mark.offset) };
    },

    "chat.unread": async ({ rooms }, { caller }) => {
      userOf(caller, "have read marks");
      // A Redis Cluster may keep each room on another server, so there is one script per room. All are sent at once.
      return { rooms: await Promise.all(rooms.map((room) => unreadIn(storeOf(room), caller))) };
    },

    "chat.rooms": async ({ limit, cursor }, { caller }) =>
      roomLists.page(userOf(caller, "have rooms").id, caller, limit, cursor),

    "chat.configure": async ({ room, ...given }, { caller, idempotency }) => {
      const { visibility = "", logSize = "", retentionMs = "", slowModeMs = "" } = given;
      const settings = { visibility, logSize, retentionMs, slowModeMs };
      const reply = await storeOf(room).run(scripts.configureScript, caller, settings, { idempotency });
      if (reply.accessChanged === "1") roomAccessChanges.notify(room, null);
      return {
        room,
        visibility: reply.visibilityNow as ChatVisibility,
        logSize: Number(reply.logSizeNow),
        retentionMs: Number(reply.retentionMsNow),
        slowModeMs: Number(reply.slowModeMsNow),
        createdAt: toIsoTime(reply.createdAtMs),
        updatedAt: toIsoTime(reply.updatedAtMs),
      };
    },

    "chat.drop": async ({ room }, { caller, idempotency }) => {
      await storeOf(room).run(scripts.dropScript, caller, {}, { idempotency });
      roomAccessChanges.notify(room, null);
      return { deleted: true };
    },

    "chat.members": async ({ room, limit, cursor }, { caller }) => {
      const { nextCursor, members } = await storeOf(room).run(scripts.membersScript, caller, {
        cursor: scanCursorOf(cursor),
        count: limit,
      });
      const pairs = Array.from({ length: members.length / 2 }, (_, at) => ({
        user: members[2 * at]!,
        role: members[2 * at + 1] as ChatRole,
      }));
      return { members: pairs, nextCursor: nextCursor === "0" ? null : nextCursor };
    },

    "chat.member": async ({ room, user }, { caller }) => {
      const { role } = await storeOf(room).run(scripts.memberScript, caller, { user });
      return { user, role: role as ChatRole };
    },

    "chat.setMember": async ({ room, user, role }, { caller, idempotency }) => {
      refuseDirect(room);
      await storeOf(room).run(scripts.setMemberScript, caller, { user, role }, { idempotency });
      await roomLists.add(room, user);
      return { user, role };
    },

    "chat.removeMember": async ({ room, user }, { caller, idempotency }) => {
      refuseDirect(room);
      await storeOf(room).run(scripts.removeMemberScript, caller, { user }, { idempotency });
      await roomLists.remove(room, user);
      roomAccessChanges.notify(room, user);
      return { removed: true };
    },

    "chat.moderate": async ({ room, user, action, ttlMs }, { caller, idempotency }) => {
      const { mutedUntilMs, bannedUntilMs } = await storeOf(room).run(
        scripts.moderateScript,
        caller,
        { user, action, ttlMs: ttlMs ?? "" },
        { idempotency },
      );
      if (action === "ban") roomAccessChanges.notify(room, user);
      return sanctionsOf(user, mutedUntilMs, bannedUntilMs);
    },
  };
}

async function react(
  store: RoomStore,
  { offset, emoji }: { offset: number; emoji: string },
  added: "1" | "0",
  { caller, idempotency }: Call,
) {
  userOf(caller, "react");
  const { count, changed, users } = await store.run(
    scripts.reactScript,
    caller,
    {
      id: randomUUID(),
      offset,
      emoji,
      added,
      emojiLimit: limits.chatEmojiPerMessage,
      userLimit: limits.chatUsersPerReaction,
      ...changeLimits,
    },
    { idempotency },
  );
  return { emoji, count: Number(count), users, changed: changed === "1" };
}

async function unreadIn(store: RoomStore, caller: Caller) {
  try {
    const { unread, read } = await store.run(scripts.unreadScript, caller, {});
    return { room: store.room, unread: Number(unread), read: Number(read) };
  } catch (error) {
    // A room that the caller may not read counts 0, so that the call still returns the counts of the other rooms.
    if (error instanceof GrandstandError && error.code === "forbidden") {
      return { room: store.room, unread: 0, read: 0 };
    }
    throw error;
  }
}

function jsonText(value: object | null | undefined): string {
  return value ? JSON.stringify(value) : "";
}

/** A SCAN cursor has 64 bits; Redis refuses a greater number. */
const SCAN_CURSORS = 2n ** 64n;

/** @throws {GrandstandError} `bad_request` for a cursor that Redis does not accept */
function scanCursorOf(cursor = "0"): string {
  if (/^\d{1,20}$/.test(cursor) && BigInt(cursor) < SCAN_CURSORS) return cursor;
  throw notOurCursor();
}

/** @throws {GrandstandError} `bad_request` for a direct room */
function refuseDirect(room: string): void {
  if (!isDirect(room)) return;
  throw new GrandstandError("bad_request", "The members of a direct room are the two users in its name", {
    issues: [{ path: "room", rule: "direct", message: "must not be a direct room" }],
  });
}
