import { useChat } from "@grandstand/sdk/react";
import { formatClock } from "../chat/message-text.js";
import { useSender } from "../chat/useSender.js";
import { controlsRoom } from "./control-rooms.js";

/** Shows who last killed a node or paused Redis with this page's buttons, and when. */
export function LastAct() {
  const { messages } = useChat(controlsRoom);
  const senderOf = useSender();
  const last = messages.findLast(({ user, state }) => user !== null && state === "sent");
  if (!last) return null;
  return (
    <span className="figures">
      {senderOf(last)} {last.text}, {formatClock(last.sentAt)}
    </span>
  );
}
