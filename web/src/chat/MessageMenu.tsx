import type { ShownMessage } from "@grandstand/sdk";
import type { ChatRoom } from "@grandstand/sdk/react";
import type { Intent } from "./intent.js";
import { quickEmoji } from "./room.js";
import "./message-menu.css";

interface MessageMenuProps {
  message: ShownMessage;
  isOwn: boolean;
  chat: ChatRoom;
  onIntend: (intent: Intent) => void;
  onClose: () => void;
}

/** What can be done with one message. */
export function MessageMenu({ message, isOwn, chat, onIntend, onClose }: MessageMenuProps) {
  const { offset } = message;
  if (offset === null) return null;
  const act = (deed: () => unknown) => () => {
    deed();
    onClose();
  };
  // What the server refuses leaves the message as it is shown.
  const quietly = (deed: Promise<unknown>) => void deed.catch(() => {});
  return (
    <div ref={bringIntoSight} className="message-menu">
      {quickEmoji.map((emoji) => (
        <button
          key={emoji}
          type="button"
          aria-label={`React with ${emoji}`}
          onClick={act(() => quietly(chat.react(offset, emoji)))}
        >
          {emoji}
        </button>
      ))}
      <button type="button" onClick={act(() => onIntend({ kind: "reply", message }))}>
        Reply
      </button>
      {isOwn && (
        <button type="button" onClick={act(() => onIntend({ kind: "edit", message }))}>
          Edit
        </button>
      )}
      {isOwn && (
        <button type="button" onClick={act(() => quietly(chat.delete(offset)))}>
          Take back
        </button>
      )}
    </div>
  );
}

/** Under the last message it would open below what is in sight. */
function bringIntoSight(menu: HTMLElement | null): void {
  menu?.scrollIntoView({ block: "nearest" });
}
