import { useConnection } from "@grandstand/sdk/react";
import "./connection-badge.css";

const labels = {
  connecting: "Connecting",
  live: "Live",
  catchingUp: "Catching up",
  offline: "Offline",
  closed: "Closed",
} as const;

/** One label for the state of the connection. Screen readers announce its changes. */
export function ConnectionBadge() {
  const { status } = useConnection();
  return (
    <p className="connection" role="status" data-status={status}>
      <span className="visually-hidden">Connection: </span>
      {labels[status]}
    </p>
  );
}
