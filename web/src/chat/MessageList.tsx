import type { ShownMessage } from "@grandstand/sdk";
import type { ChatRoom } from "@grandstand/sdk/react";
import type { Intent } from "./intent.js";
import { Message } from "./Message.js";
import { useScroll } from "./useScroll.js";
import "./message-list.css";

interface MessageListProps {
  chat: ChatRoom;
  userId: string;
  onIntend: (intent: Intent) => void;
}

/** What was said, oldest first. It stays at its end while that is in sight, and loads older messages at its top. */
export function MessageList({ chat, userId, onIntend }: MessageListProps) {
  const { messages, hasMore, isLoadingOlder, status } = chat;
  const { scroller, onScroll, isAtEnd, toEnd } = useScroll(chat);
  const byOffset = new Map(messages.map((message) => [message.offset, message]));
  return (
    <div className="messages">
      <section
        ref={scroller}
        className="messages-scroll"
        onScroll={onScroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling area needs the focus to be scrolled.
        tabIndex={0}
        aria-label="Messages"
      >
        {hasMore && <p className="messages-more">{isLoadingOlder ? "Reading what was said before" : ""}</p>}
        {messages.length === 0 && status === "live" && (
          <p className="messages-empty">Nobody has said anything yet. The first word is yours.</p>
        )}
        <ol className="messages-list" data-status={status} aria-label="What was said">
          {messages.map((message, at) => (
            <Message
              key={message.key}
              message={message}
              answered={message.replyTo === null ? null : (byOffset.get(message.replyTo) ?? null)}
              isOwn={message.user === userId}
              isGoingOn={isGoingOn(messages[at - 1], message)}
              userId={userId}
              chat={chat}
              onIntend={onIntend}
            />
          ))}
        </ol>
      </section>
      {!isAtEnd && (
        <button type="button" className="messages-latest" onClick={toEnd}>
          To the latest
        </button>
      )}
    </div>
  );
}

/** Messages of one sender that follow closely stand under one name. */
const CLOSE_MS = 180_000;

function isGoingOn(before: ShownMessage | undefined, message: ShownMessage): boolean {
  return (
    before !== undefined &&
    before.user === message.user &&
    message.replyTo === null &&
    Date.parse(message.sentAt) - Date.parse(before.sentAt) < CLOSE_MS
  );
}
