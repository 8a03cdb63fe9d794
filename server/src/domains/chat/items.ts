import type { Publication } from "@grandstand/shared/channels";
import type {
  ChatDeleted,
  ChatEdited,
  ChatMessage,
  ChatReacted,
  Reaction,
} from "@grandstand/shared/events/chat";
import type { JsonObject } from "@grandstand/shared/json";
import type { Profile } from "@grandstand/shared/user";
import { toIsoTime } from "../../core/iso-time.js";

/** The fields of an item of a room's log, as Redis stores them. log.lua lists them. */
type Texts = string[];
type StoredReactions = "" | [emoji: string, count: string, ...users: string[]][];

/** Decodes an item of the log into its publication. */
export function publicationOf(offset: number, encoded: string): Publication {
  const item = JSON.parse(encoded) as Texts;
  switch (item[0]) {
    case "m":
      return { offset, event: "chat.message", data: messageOf(offset, item) };
    case "e":
      return { offset, event: "chat.edited", data: editedOf(item) };
    case "d":
      return { offset, event: "chat.deleted", data: deletedOf(item) };
    case "r":
      return { offset, event: "chat.reacted", data: reactedOf(item) };
    default:
      throw new TypeError(`a chat log has an item of the unknown kind ${item[0]}`);
  }
}

/** Decodes the item of a message. */
export function decodeMessage(offset: number, encoded: string): ChatMessage {
  return messageOf(offset, JSON.parse(encoded) as Texts);
}

/** Decodes the messages in a script's reply. Each has two values, its offset and its item: `["1", "[...]", ...]`. */
export function messagesOf(flat: string[]): ChatMessage[] {
  const messages: ChatMessage[] = [];
  for (let at = 0; at < flat.length; at += 2) messages.push(decodeMessage(Number(flat[at]), flat[at + 1]!));
  return messages;
}

function messageOf(offset: number, item: Texts): ChatMessage {
  const [, id, user, sentAt, text, metadata, replyTo, profile, editedAt, , deleted, reactions] = item;
  return {
    id: id!,
    offset,
    user: user || null,
    text: text!,
    metadata: parsed<JsonObject>(metadata),
    replyTo: replyTo ? Number(replyTo) : null,
    sentAt: toIsoTime(sentAt),
    editedAt: editedAt ? toIsoTime(editedAt) : null,
    deleted: deleted === "1",
    reactions: reactionsOf(reactions as unknown as StoredReactions),
    profile: parsed<Profile>(profile),
  };
}

function reactionsOf(stored: StoredReactions): Record<string, Reaction> {
  if (stored === "") return {};
  return Object.fromEntries(
    stored.map(([emoji, count, ...users]) => [emoji, { count: Number(count), users }]),
  );
}

function editedOf([, id, message, text, metadata, editedAt]: Texts): ChatEdited {
  return {
    id: id!,
    message: Number(message),
    text: text!,
    metadata: parsed<JsonObject>(metadata),
    editedAt: toIsoTime(editedAt),
  };
}

function deletedOf([, id, message, user, deletedAt]: Texts): ChatDeleted {
  return { id: id!, message: Number(message), user: user || null, deletedAt: toIsoTime(deletedAt) };
}

function reactedOf([, id, message, emoji, user, added, count]: Texts): ChatReacted {
  return {
    id: id!,
    message: Number(message),
    emoji: emoji!,
    user: user!,
    added: added === "1",
    count: Number(count),
  };
}

function parsed<T>(text: string | undefined): T | null {
  return text ? (JSON.parse(text) as T) : null;
}
