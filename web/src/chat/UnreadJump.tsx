import { useUnread } from "@grandstand/sdk/react";
import { terrace } from "./room.js";
import { unreadText } from "./unread-text.js";
import "./unread.css";

const rooms = [terrace];

/** The unread messages of the chat: in the title of the window, and as a button that leads to them. */
export function UnreadJump({ onJump }: { onJump: () => void }) {
  const { total } = useUnread(rooms);
  return (
    <>
      <title>{total > 0 ? `(${total}) Grandstand` : "Grandstand: live leaderboards on your own Redis"}</title>
      {total > 0 && (
        <button type="button" className="unread-jump" onClick={onJump}>
          {unreadText(total)}
        </button>
      )}
    </>
  );
}
