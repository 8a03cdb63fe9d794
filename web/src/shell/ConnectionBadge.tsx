import { useConnection } from "@grandstand/sdk/react";
import "./connection-badge.css";

const labels = {
  connecting: "Connecting",
  live: "Live",
  catchingUp: "Catching up",
  offline: "Offline",
  closed: "Closed",
} as const;

/** The state of the connection, in a word; screen readers hear it when it changes. */
export function ConnectionBadge() {
  const { status } = useConnection();
  return (
    <p className="connection" role="status" data-status={status}>
      <span className="visually-hidden">Connection: </span>
      {labels[status]}
    </p>
  );
}
