import { randomUUID } from "node:crypto";
import { isDirect } from "@grandstand/shared/direct-rooms";
import { GrandstandError } from "@grandstand/shared/errors";
import type { ChatMessage, ChatTyping } from "@grandstand/shared/events/chat";
import { limits } from "@grandstand/shared/limits";
import type { ChatRole } from "@grandstand/shared/operations/chat";
import type { Call } from "../../core/call.js";
import type { Caller } from "../../core/caller.js";
import { profileOf, userOf } from "../../core/caller.js";
import type { DomainHandlers } from "../../core/handler.js";
import { toIsoTime } from "../../core/iso-time.js";
import { notOurCursor } from "../shared/id-index.js";
import { decodeMessage, messagesOf } from "./items.js";
import { sanctionsOf } from "./sanctions.js";
import * as scripts from "./scripts.js";
import { type RoomGround, RoomStore } from "./store.js";

/** The others hear of a user who writes once in this time. */
const TYPING_INTERVAL_MS = 2_000;

/** @param onAccessChanged told when who may see a room has changed, and of the only user whom it concerns if there is one */
export function chatHandlers(
  ground: RoomGround,
  onAccessChanged: (room: string, user: string | null) => void = () => {},
): DomainHandlers<"chat"> {
  const storeOf = (room: string) => new RoomStore(ground, room);

  return {
    "chat.send": async ({ room, text, metadata, replyTo }, { caller, idempotency }) => {
      const profile = profileOf(caller);
      const [offset, id, sentAt] = await storeOf(room).run(
        scripts.sendScript,
        caller,
        [randomUUID(), text, jsonText(metadata), replyTo ?? "", jsonText(profile)],
        { idempotency, pace: "sent" },
      );
      // Put together from what was sent: the script keeps no text for those who repeat the call.
      const message: ChatMessage = {
        id: id!,
        offset: Number(offset),
        user: caller.kind === "user" ? caller.user.id : null,
        text,
        metadata: metadata ?? null,
        replyTo: replyTo ?? null,
        sentAt: toIsoTime(sentAt),
        editedAt: null,
        deleted: false,
        reactions: {},
        profile,
      };
      return { message };
    },

    "chat.history": async ({ room, before, after, limit }, { caller }) => {
      const [epoch, last, lastId, hasMore, ...flat] = await storeOf(room).run(scripts.historyScript, caller, [
        before ?? "",
        after ?? "",
        limit,
      ]);
      const position = { epoch: epoch!, offset: Number(last), ...(lastId && { id: lastId }) };
      return {
        messages: messagesOf(flat),
        hasMore: hasMore === "1",
        position: epoch === "" ? null : position,
      };
    },

    "chat.edit": async ({ room, offset, text, metadata }, { caller, idempotency }) => {
      const metadataText = metadata === undefined ? "" : JSON.stringify(metadata);
      const [item] = await storeOf(room).run(
        scripts.editScript,
        caller,
        [randomUUID(), offset, text, metadataText, limits.chatEditsPerMessage],
        { idempotency },
      );
      return { message: decodeMessage(offset, item!) };
    },

    "chat.delete": async ({ room, offset }, { caller, idempotency }) => {
      await storeOf(room).run(scripts.deleteScript, caller, [randomUUID(), offset], { idempotency });
      return { deleted: true };
    },

    "chat.react": (input, call) => react(storeOf(input.room), input, "1", call),
    "chat.unreact": (input, call) => react(storeOf(input.room), input, "0", call),

    "chat.typing": async ({ room }, { caller }) => {
      const user = userOf(caller, "type");
      const told: ChatTyping = { user: user.id, profile: profileOf(caller) };
      const [sent] = await storeOf(room).run(
        scripts.typingScript,
        caller,
        [JSON.stringify(told), TYPING_INTERVAL_MS],
        { pace: "typed" },
      );
      return { sent: sent === "1" };
    },

    "chat.read": async ({ room, offset }, { caller, idempotency }) => {
      userOf(caller, "have read marks");
      const [mark] = await storeOf(room).run(scripts.markReadScript, caller, [offset], { idempotency });
      return { offset: Number(mark) };
    },

    "chat.unread": async ({ rooms }, { caller }) => {
      userOf(caller, "have read marks");
      // Rooms lie on different nodes of a Cluster: one script each, all in one round trip.
      return { rooms: await Promise.all(rooms.map((room) => unreadIn(storeOf(room), caller))) };
    },

    "chat.configure": async ({ room, visibility, ...sizes }, { caller, idempotency }) => {
      const settings = { ...sizes, visibility: visibility ?? (isDirect(room) ? "direct" : "public") };
      const [createdAt, updatedAt, isSeenByOthers] = await storeOf(room).run(
        scripts.configureScript,
        caller,
        [settings.visibility, settings.logSize, settings.retentionMs, settings.slowModeMs],
        { idempotency },
      );
      if (isSeenByOthers === "1") onAccessChanged(room, null);
      return { room, ...settings, createdAt: toIsoTime(createdAt), updatedAt: toIsoTime(updatedAt) };
    },

    "chat.drop": async ({ room }, { caller, idempotency }) => {
      await storeOf(room).run(scripts.dropScript, caller, [], { idempotency });
      onAccessChanged(room, null);
      return { deleted: true };
    },

    "chat.members": async ({ room, limit, cursor }, { caller }) => {
      const [next, ...flat] = await storeOf(room).run(scripts.membersScript, caller, [
        scanCursorOf(cursor),
        limit,
      ]);
      const members = [];
      for (let at = 0; at < flat.length; at += 2) {
        members.push({ user: flat[at]!, role: flat[at + 1] as ChatRole });
      }
      return { members, nextCursor: next === "0" ? null : next! };
    },

    "chat.member": async ({ room, user }, { caller }) => {
      const [role] = await storeOf(room).run(scripts.memberScript, caller, [user]);
      return { user, role: role as ChatRole };
    },

    "chat.setMember": async ({ room, user, role }, { caller, idempotency }) => {
      refuseDirect(room);
      await storeOf(room).run(scripts.setMemberScript, caller, [user, role], { idempotency });
      return { user, role };
    },

    "chat.removeMember": async ({ room, user }, { caller, idempotency }) => {
      refuseDirect(room);
      await storeOf(room).run(scripts.removeMemberScript, caller, [user], { idempotency });
      onAccessChanged(room, user);
      return { removed: true };
    },

    "chat.moderate": async ({ room, user, action, ttlMs }, { caller, idempotency }) => {
      const reply = await storeOf(room).run(scripts.moderateScript, caller, [user, action, ttlMs ?? ""], {
        idempotency,
      });
      if (action === "ban") onAccessChanged(room, user);
      return sanctionsOf(user, reply);
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
  const args = [randomUUID(), offset, emoji, added, limits.chatEmojiPerMessage, limits.chatUsersPerReaction];
  const [count, changed, ...users] = await store.run(scripts.reactScript, caller, args, { idempotency });
  return { emoji, count: Number(count), users, changed: changed === "1" };
}

async function unreadIn(store: RoomStore, caller: Caller) {
  try {
    const [unread, read] = await store.run(scripts.unreadScript, caller);
    return { room: store.room, unread: Number(unread), read: Number(read) };
  } catch (error) {
    // One room that the caller may not read must not hide what is unread in all others.
    if (error instanceof GrandstandError && error.code === "forbidden") {
      return { room: store.room, unread: 0, read: 0 };
    }
    throw error;
  }
}

function jsonText(value: object | null | undefined): string {
  return value ? JSON.stringify(value) : "";
}

/** Redis counts them in 64 bits, and takes no other. */
const SCAN_CURSORS = 2n ** 64n;

/** @throws {GrandstandError} `bad_request` when it is none of ours. */
function scanCursorOf(cursor = "0"): string {
  if (/^\d{1,20}$/.test(cursor) && BigInt(cursor) < SCAN_CURSORS) return cursor;
  throw notOurCursor();
}

/** @throws {GrandstandError} `bad_request` for a room whose name says who its members are. */
function refuseDirect(room: string): void {
  if (!isDirect(room)) return;
  throw new GrandstandError("bad_request", "The members of a direct room are the two users in its name", {
    issues: [{ path: "room", rule: "direct", message: "must not be a direct room" }],
  });
}
