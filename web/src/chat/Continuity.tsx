import type { LiveChatState } from "@grandstand/sdk";
import "./continuity.css";

const words = {
  loading: "Opening",
  live: "Nothing missed",
  catchingUp: "Catching up",
  stale: "Offline",
  failed: "Closed",
} as const;

/** Whether what is shown is the room, in a word; screen readers hear it when it changes. */
export function ContinuityBadge({ status }: { status: LiveChatState["status"] }) {
  return (
    <span className="continuity" role="status" data-status={status}>
      {words[status]}
    </span>
  );
}

/** What the reader should know of what is not shown. */
export function ContinuityNotice({ chat }: { chat: LiveChatState }) {
  const { status, lost, error } = chat;
  if (status === "failed")
    return <p className="continuity-notice">{error?.message ?? "The room is closed."}</p>;
  if (status === "stale") {
    return (
      <p className="continuity-notice">
        This is the room as you last saw it. What is said meanwhile comes when you are back.
      </p>
    );
  }
  if (lost === null) return null;
  return (
    <p className="continuity-notice">
      {lost === "trimmed"
        ? "You were away for long: the oldest of what was said is no longer kept."
        : "The server lost a part of this room. It goes on from here."}
    </p>
  );
}
