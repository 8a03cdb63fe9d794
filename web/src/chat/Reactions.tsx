import type { ShownMessage } from "@grandstand/sdk";
import type { ChatRoom } from "@grandstand/sdk/react";
import "./reactions.css";

interface ReactionsProps {
  message: ShownMessage;
  userId: string;
  chat: ChatRoom;
}

/** The count of each emoji on a message. A click adds or removes the user's own reaction. */
export function Reactions({ message, userId, chat }: ReactionsProps) {
  const reactions = Object.entries(message.reactions);
  const { offset } = message;
  if (reactions.length === 0 || offset === null) return null;
  return (
    <ul className="reactions" aria-label="Reactions">
      {reactions.map(([emoji, { count, users }]) => {
        const isOwn = users.includes(userId);
        const change = isOwn ? chat.unreact : chat.react;
        return (
          <li key={emoji}>
            <button
              type="button"
              className="reaction"
              aria-pressed={isOwn}
              aria-label={`${emoji} ${count}`}
              onClick={() => void change(offset, emoji).catch(() => {})}
            >
              <span aria-hidden="true">{emoji}</span> <span className="figures">{count}</span>
            </button>
          </li>
        );
      })}
    </ul>
  );
}
