import type { ShownMessage } from "@grandstand/sdk";
import type { ChatRoom } from "@grandstand/sdk/react";
import type { ComposerMode } from "./Composer.js";
import { Message } from "./Message.js";
import { useScroll } from "./useScroll.js";
import "./message-list.css";

interface MessageListProps {
  chat: ChatRoom;
  userId: string;
  onModeChange: (mode: ComposerMode) => void;
}

/** The messages, oldest first. A list scrolled to its end stays there; scrolling to its top loads older messages. */
export function MessageList({ chat, userId, onModeChange }: MessageListProps) {
  const { messages, hasMore, isLoadingOlder, status } = chat;
  const { scroller, onScroll, isAtEnd, toEnd } = useScroll(chat);
  const byOffset = new Map(messages.map((message) => [message.offset, message]));
  return (
    <div className="messages">
      <section
        ref={scroller}
        className="messages-scroll"
        onScroll={onScroll}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the keyboard can scroll an area only if it can take the focus.
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
              repliedTo={message.replyTo === null ? null : (byOffset.get(message.replyTo) ?? null)}
              isOwn={message.user === userId}
              isContinuation={isContinuation(messages[at - 1], message)}
              userId={userId}
              chat={chat}
              onModeChange={onModeChange}
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

/** Within this time after a message, the next message of the same sender has no name line. Replies always have the line. */
const CONTINUATION_MS = 180_000;

function isContinuation(before: ShownMessage | undefined, message: ShownMessage): boolean {
  return (
    before !== undefined &&
    before.user === message.user &&
    message.replyTo === null &&
    Date.parse(message.sentAt) - Date.parse(before.sentAt) < CONTINUATION_MS
  );
}
