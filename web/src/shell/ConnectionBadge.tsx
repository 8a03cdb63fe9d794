import { useConnection } from "@grandstand/sdk/react";
import "./connection-badge.css";

const labels = {
  connecting: "Connecting",
  live: "Live",
  reconnecting: "Reconnecting",
  closed: "Offline",
} as const;

/** The state of the connection, in a word; screen readers hear it when it changes. */
export function ConnectionBadge() {
  const { state, error } = useConnection();
  return (
    <p
      className="connection"
      role="status"
      data-state={state}
      title={state === "live" ? undefined : error?.message}
    >
      <span className="visually-hidden">Connection: </span>
      {labels[state]}
    </p>
  );
}
