import type { ConnectionState, LiveChatState } from "@grandstand/sdk";
import { useConnection } from "@grandstand/sdk/react";
import { connectionWords, staleWord } from "../shell/connection-words.js";
import "./chat-status.css";

/** One label for the state of the chat view. Screen readers announce its changes. */
export function ChatStatusBadge({ status }: { status: LiveChatState["status"] }) {
  const connection = useConnection();
  return (
    <span className="chat-status" role="status" data-status={status}>
      {wordOf(status, connection.status)}
    </span>
  );
}

function wordOf(status: LiveChatState["status"], connection: ConnectionState["status"]): string {
  switch (status) {
    case "loading":
      return connectionWords.connecting;
    case "live":
    case "catchingUp":
      return connectionWords[status];
    case "stale":
      return staleWord(connection);
    case "failed":
      return connectionWords.closed;
  }
}

/** Explains why messages are missing from the view, if any are. */
export function ChatStatusNotice({ chat }: { chat: LiveChatState }) {
  const { status, lost, error } = chat;
  if (status === "failed")
    return <p className="chat-status-notice">{error?.message ?? "The room is closed."}</p>;
  if (status === "stale") {
    return <p className="chat-status-notice">New messages appear when the connection is back.</p>;
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
