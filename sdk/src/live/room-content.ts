import type { Position, Publication } from "@grandstand/shared/channels";
import type {
  ChatDeleted,
  ChatEdited,
  ChatMessage,
  ChatReacted,
  ChatSnapshot,
  Reaction,
} from "@grandstand/shared/events/chat";

/** A room as far as it was read: messages without a gap, and where in the log that stands. */
export interface RoomContent {
  readonly messages: readonly ChatMessage[];
  readonly position: Position;
  /** Whether there are older messages in the log. */
  readonly hasMore: boolean;
  /** The offset at which older messages were last loaded; 0 when none were. */
  readonly lookedBackAt: number;
}

/** A page of older messages, as `chat.history` answers. */
interface OlderMessages {
  readonly messages: readonly ChatMessage[];
  readonly hasMore: boolean;
  /** Where the log stood when they were read; null when there is no such room any more. */
  readonly position: Position | null;
}

/** What a page that stays open for days keeps; older ones can be loaded again. */
const MOST_MESSAGES = 2_000;
/** As the server counts them. */
const USERS_PER_REACTION = 100;

export function contentOf({ messages, hasMore }: ChatSnapshot, position: Position): RoomContent {
  return { messages, hasMore, position, lookedBackAt: 0 };
}

/**
 * The content after some items of the log.
 * @returns null when they don't follow upon it.
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
 * The content without its oldest messages, where there are too many. Whoever loads older ones looks back, and must not
 * lose them to the next message that comes: nothing is let go before as many items have come since as are kept.
 * So the list is bounded all the same, by what was asked for and what is kept.
 */
export function letGoOldest(content: RoomContent): RoomContent {
  const { messages, position, lookedBackAt } = content;
  const isLookingBack = position.offset - lookedBackAt <= MOST_MESSAGES;
  if (messages.length <= MOST_MESSAGES || isLookingBack) return content;
  return { ...content, messages: messages.slice(-MOST_MESSAGES), hasMore: true };
}

/**
 * The content with older messages before it; as it was when they are not of the same log.
 * @param since what the content took in since they were asked for: it found none of them to change then
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
      // An item of a newer server: it has its place, and nothing that is shown here.
      return messages;
  }
}

/** Messages are in the order of their offsets, and what is changed lies near the end. */
function change(
  messages: readonly ChatMessage[],
  offset: number,
  changed: (before: ChatMessage) => ChatMessage,
): readonly ChatMessage[] {
  const at = messages.findLastIndex((message) => message.offset === offset);
  return at < 0 ? messages : messages.with(at, changed(messages[at]!));
}

/** Adding or taking back what is so already changes nothing but the count, which is the server's. */
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
