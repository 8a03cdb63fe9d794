import type { ChatMessage } from "@grandstand/shared/events/chat";
import type { ProfileUpdated } from "@grandstand/shared/events/profile";
import type { ChatRead, ChatUnread } from "@grandstand/shared/events/user";
import { withProfile } from "../channel/profile-change.js";
import type { InboxRoom } from "./inbox-state.js";

/** A publication of the user's channel that concerns the inbox. */
export type InboxEvent =
  | { readonly event: "chat.unread"; readonly data: ChatUnread }
  | { readonly event: "chat.read"; readonly data: ChatRead }
  | { readonly event: "profile.updated"; readonly data: ProfileUpdated };

/** Applies events to the rooms, and sorts the rooms by their last messages. Unchanged rooms stay the same objects. */
export function applyEvents(rooms: readonly InboxRoom[], events: readonly InboxEvent[]): InboxRoom[] {
  const byId = new Map(rooms.map((room) => [room.room, room]));
  for (const event of events) {
    if (event.event === "profile.updated") {
      for (const [room, before] of byId) byId.set(room, renamed(before, event.data));
      continue;
    }
    const { room } = event.data;
    const before = byId.get(room) ?? { room, unread: 0, read: 0, lastMessage: null };
    const after = applyEvent(before, event);
    // A read mark says nothing about the messages, so it does not add a room that is not in the list.
    if (byId.has(room) || event.event === "chat.unread") byId.set(room, keep(before, after));
  }
  return [...byId.values()].sort(byActivity);
}

/**
 * Adds a page of rooms. A room that is in the list already stays as it is, because it is newer than the page.
 */
export function withPage(rooms: readonly InboxRoom[], page: readonly InboxRoom[]): InboxRoom[] {
  const known = new Set(rooms.map(({ room }) => room));
  return [...rooms, ...page.filter(({ room }) => !known.has(room))].sort(byActivity);
}

/** Replaces the rooms by the ones that were read again. Unchanged rooms stay the same objects. */
export function readAgain(before: readonly InboxRoom[], after: readonly InboxRoom[]): InboxRoom[] {
  const known = new Map(before.map((room) => [room.room, room]));
  return after.map((room) => keep(known.get(room.room), room));
}

function renamed(before: InboxRoom, change: ProfileUpdated): InboxRoom {
  const lastMessage = before.lastMessage && withProfile(before.lastMessage, change);
  return lastMessage === before.lastMessage ? before : { ...before, lastMessage };
}

function applyEvent(
  before: InboxRoom,
  { event, data }: Exclude<InboxEvent, { event: "profile.updated" }>,
): InboxRoom {
  if (event === "chat.read") return { ...before, read: Math.max(before.read, data.offset) };
  return { ...before, unread: data.unread, lastMessage: data.lastMessage };
}

function keep(before: InboxRoom | undefined, after: InboxRoom): InboxRoom {
  return before && JSON.stringify(before) === JSON.stringify(after) ? before : after;
}

/**
 * Sorts by the last message. The server's order differs: it also counts other activity, such as a read mark in a room
 * without messages.
 */
function byActivity(one: InboxRoom, other: InboxRoom): number {
  return compare(sentAt(other.lastMessage), sentAt(one.lastMessage)) || compare(one.room, other.room);
}

function sentAt(message: ChatMessage | null): string {
  return message?.sentAt ?? "";
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0;
}
