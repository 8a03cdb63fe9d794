import type { Position, Publication } from "@grandstand/shared/channels";
import type {
  ChatDeleted,
  ChatEdited,
  ChatMessage,
  ChatReacted,
  ChatSnapshot,
  Reaction,
} from "@grandstand/shared/events/chat";

/** The part of a room that the client knows: messages without a gap, up to a position in the log. */
export interface RoomContent {
  readonly messages: readonly ChatMessage[];
  readonly position: Position;
  /** Whether there are older messages in the log. */
  readonly hasMore: boolean;
  /** The log's last offset at the time when older messages were last loaded; 0 if none were loaded. */
  readonly lookedBackAt: number;
}

/** A page of older messages, as `chat.history` returns it. */
interface OlderMessages {
  readonly messages: readonly ChatMessage[];
  readonly hasMore: boolean;
  /** The position of the log when the page was read; null if the room no longer exists. */
  readonly position: Position | null;
}

/** A longer list drops its oldest messages (letGoOldest). Otherwise an app that runs for days would run out of memory. */
const MOST_MESSAGES = 2_000;
/** How many users a reaction lists at most. The server has the same limit. */
const USERS_PER_REACTION = 100;

export function contentOf({ messages, hasMore }: ChatSnapshot, position: Position): RoomContent {
  return { messages, hasMore, position, lookedBackAt: 0 };
}

/**
 * Applies items of the log to the content.
 * @returns null if the items do not follow the content without a gap
 */
export function applyItems(content: RoomContent, items: readonly Publication[]): RoomContent | null {
  let { messages, position } = content;
  for (const { offset, event, data } of items) {
    if (offset !== position.offset + 1) return null;
    messages = applyItem(messages, offset, event, data);
    position = { epoch: position.epoch, offset, id: (data as { id: string }).id };
  }
  return { ...content, messages, position };
}

/**
 * Drops the oldest messages of a list that is too long. A user who has just loaded older messages must not
 * lose them with the next new message. So messages are dropped only if more than `MOST_MESSAGES` items have
 * arrived since older messages were last loaded.
 */
export function letGoOldest(content: RoomContent): RoomContent {
  const { messages, position, lookedBackAt } = content;
  const isLookingBack = position.offset - lookedBackAt <= MOST_MESSAGES;
  if (messages.length <= MOST_MESSAGES || isLookingBack) return content;
  return { ...content, messages: messages.slice(-MOST_MESSAGES), hasMore: true };
}

/**
 * Adds a page of older messages before the content. Ignores a page that belongs to another epoch.
 * @param since the items that arrived since the page was requested, which may change messages of the page
 */
export function withOlder(
  content: RoomContent,
  older: OlderMessages,
  since: readonly Publication[],
): RoomContent {
  const { position } = older;
  if (position?.epoch !== content.position.epoch) return content;
  const first = content.messages[0]?.offset ?? content.position.offset + 1;
  const missed = since.filter(({ offset, event }) => offset > position.offset && event !== "chat.message");
  const before = missed.reduce<readonly ChatMessage[]>(
    (messages, { offset, event, data }) => applyItem(messages, offset, event, data),
    older.messages.filter(({ offset }) => offset < first),
  );
  return {
    messages: [...before, ...content.messages],
    position: content.position,
    hasMore: older.hasMore,
    lookedBackAt: content.position.offset,
  };
}

function applyItem(
  messages: readonly ChatMessage[],
  offset: number,
  event: string,
  data: unknown,
): readonly ChatMessage[] {
  switch (event) {
    case "chat.message":
      return [...messages, { ...(data as ChatMessage), offset }];
    case "chat.edited": {
      const { message, text, metadata, editedAt } = data as ChatEdited;
      return change(messages, message, (before) =>
        before.deleted ? before : { ...before, text, metadata, editedAt },
      );
    }
    case "chat.deleted":
      return change(messages, (data as ChatDeleted).message, (before) => ({
        ...before,
        text: "",
        metadata: null,
        reactions: {},
        deleted: true,
      }));
    case "chat.reacted": {
      const reacted = data as ChatReacted;
      return change(messages, reacted.message, (before) =>
        before.deleted ? before : { ...before, reactions: withReaction(before.reactions, reacted) },
      );
    }
    default:
      // An item of a newer server, which this version of the SDK does not know. It has an offset but changes
      // nothing.
      return messages;
  }
}

/**
 * Changes the message with this offset. Searches from the end, because most changes concern recent messages.
 */
function change(
  messages: readonly ChatMessage[],
  offset: number,
  changed: (before: ChatMessage) => ChatMessage,
): readonly ChatMessage[] {
  const at = messages.findLastIndex((message) => message.offset === offset);
  return at < 0 ? messages : messages.with(at, changed(messages[at]!));
}

/** Applies a reaction. The count comes from the server, so applying the same reaction twice does no harm. */
function withReaction(
  reactions: Readonly<Record<string, Reaction>>,
  { emoji, user, added, count }: ChatReacted,
): Record<string, Reaction> {
  const { [emoji]: before = { count: 0, users: [] }, ...others } = reactions;
  if (count === 0) return others;
  const rest = before.users.filter((one) => one !== user);
  const isNamed = rest.length < before.users.length;
  const isRoom = before.users.length < USERS_PER_REACTION;
  const users = added ? (isNamed || !isRoom ? before.users : [...before.users, user]) : rest;
  return { ...reactions, [emoji]: { count, users } };
}
