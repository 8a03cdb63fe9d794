import type { LiveChatState } from "@grandstand/sdk";
import "./chat-status.css";

const labels = {
  loading: "Opening",
  live: "Up to date",
  catchingUp: "Catching up",
  stale: "Offline",
  failed: "Closed",
} as const;

/** One label for the state of the chat view. Screen readers announce its changes. */
export function ChatStatusBadge({ status }: { status: LiveChatState["status"] }) {
  return (
    <span className="chat-status" role="status" data-status={status}>
      {labels[status]}
    </span>
  );
}

/** Explains why messages are missing from the view, if any are. */
export function ChatStatusNotice({ chat }: { chat: LiveChatState }) {
  const { status, lost, error } = chat;
  if (status === "failed")
    return <p className="chat-status-notice">{error?.message ?? "The room is closed."}</p>;
  if (status === "stale") {
    return <p className="chat-status-notice">You are offline. New messages appear when you are back.</p>;
  }
  if (lost === null) return null;
  return (
    <p className="chat-status-notice">
      {lost === "trimmed"
        ? "You were disconnected for longer than the server keeps messages. The oldest ones you missed are gone."
        : "The server lost some messages of this room. The room continues from here."}
    </p>
  );
}
