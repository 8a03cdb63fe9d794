import type { ShownMessage } from "@grandstand/sdk";
import type { ChatRoom } from "@grandstand/sdk/react";
import { useState } from "react";
import { Scarf } from "../shell/Scarf.js";
import { You } from "../shell/You.js";
import type { ComposerMode } from "./Composer.js";
import { MessageMenu } from "./MessageMenu.js";
import { excerptOf, formatClock } from "./message-text.js";
import { Reactions } from "./Reactions.js";
import { useSender } from "./useSender.js";
import "./message.css";

interface MessageProps {
  message: ShownMessage;
  /** The message that `message` replies to; null if `message` is no reply, or if the list does not show that message. */
  repliedTo: ShownMessage | null;
  isOwn: boolean;
  /** Whether the sender's last message is directly above and recent, so that the name is not shown again. */
  isContinuation: boolean;
  userId: string;
  chat: ChatRoom;
  onModeChange: (mode: ComposerMode) => void;
}

export function Message({
  message,
  repliedTo,
  isOwn,
  isContinuation,
  userId,
  chat,
  onModeChange,
}: MessageProps) {
  const senderOf = useSender();
  const [isOpen, setOpen] = useState(false);
  const { state, text, deleted, sentAt, editedAt, replyTo } = message;
  return (
    <li className="message" data-own={isOwn} data-state={state} data-continuation={isContinuation}>
      {!isContinuation && (
        <p className="message-head">
          <Scarf member={message.user ?? ""} />
          <span className="message-sender">{senderOf(message)}</span>
          {isOwn && <You />}
          <time className="figures" dateTime={sentAt}>
            {formatClock(sentAt)}
          </time>
        </p>
      )}
      {replyTo !== null && (
        <p className="message-replied-to">
          {repliedTo ? (
            <>
              Reply to <strong>{senderOf(repliedTo)}</strong>: {excerptOf(repliedTo)}
            </>
          ) : (
            "Reply to an earlier message"
          )}
        </p>
      )}
      <div className="message-body">
        {deleted ? <p className="message-deleted">Taken back</p> : <p className="message-text">{text}</p>}
        {editedAt !== null && !deleted && <span className="message-note">edited</span>}
        {state === "sending" && <span className="message-note">sending</span>}
        {state === "sent" && !deleted && (
          <button
            type="button"
            className="message-more"
            aria-expanded={isOpen}
            aria-label={`More for: ${excerptOf(message)}`}
            onClick={() => setOpen(!isOpen)}
          >
            <span aria-hidden="true">⋯</span>
          </button>
        )}
      </div>
      {state === "failed" && message.error?.code === "unavailable" && (
        <p className="message-note">The server can't take it now. It is sent again by itself.</p>
      )}
      {state === "failed" && message.error?.code !== "unavailable" && (
        <p className="message-failed">
          {message.error?.message ?? "It was not sent"}.{" "}
          <button type="button" className="quiet-button" onClick={() => chat.retry(message.key)}>
            Send again
          </button>
          <button type="button" className="quiet-button" onClick={() => chat.discard(message.key)}>
            Discard
          </button>
        </p>
      )}
      <Reactions message={message} userId={userId} chat={chat} />
      {isOpen && (
        <MessageMenu
          message={message}
          isOwn={isOwn}
          chat={chat}
          onModeChange={onModeChange}
          onClose={() => setOpen(false)}
        />
      )}
    </li>
  );
}
