import { useConnection } from "@grandstand/sdk/react";
import { connectionWords } from "./connection-words.js";
import "./connection-badge.css";

/** One label for the state of the connection. Screen readers announce its changes. */
export function ConnectionBadge() {
  const { status } = useConnection();
  return (
    <p className="connection" role="status" data-status={status}>
      <span className="visually-hidden">Connection: </span>
      {connectionWords[status]}
    </p>
  );
}
