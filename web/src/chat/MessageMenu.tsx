import type { ShownMessage } from "@grandstand/sdk";
import type { ChatRoom } from "@grandstand/sdk/react";
import type { ComposerMode } from "./Composer.js";
import { quickEmoji } from "./room.js";
import "./message-menu.css";

interface MessageMenuProps {
  message: ShownMessage;
  isOwn: boolean;
  chat: ChatRoom;
  onModeChange: (mode: ComposerMode) => void;
  onClose: () => void;
}

/** The actions for one message. */
export function MessageMenu({ message, isOwn, chat, onModeChange, onClose }: MessageMenuProps) {
  const { offset } = message;
  if (offset === null) return null;
  const act = (action: () => unknown) => () => {
    action();
    onClose();
  };
  // If the server refuses the call, the message stays as it is.
  const quietly = (result: Promise<unknown>) => void result.catch(() => {});
  return (
    <div ref={scrollIntoSight} className="message-menu">
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
      <button type="button" onClick={act(() => onModeChange({ kind: "reply", message }))}>
        Reply
      </button>
      {isOwn && (
        <button type="button" onClick={act(() => onModeChange({ kind: "edit", message }))}>
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

/** Without this, the menu of the last message would open below the visible part of the list. */
function scrollIntoSight(menu: HTMLElement | null): void {
  menu?.scrollIntoView({ block: "nearest" });
}
