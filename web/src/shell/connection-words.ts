import type { ConnectionState } from "@grandstand/sdk";

/** One word for each state of the connection, the same in every part of the page. */
export const connectionWords = {
  connecting: "Connecting",
  live: "Live",
  catchingUp: "Catching up",
  offline: "Offline",
  closed: "Closed",
} as const satisfies Record<ConnectionState["status"], string>;

/** The word for a live view whose state is `stale`. */
export function staleWord(connection: ConnectionState["status"]): string {
  // The client is connected again, but this view is not up to date yet.
  return connection === "live" ? connectionWords.catchingUp : connectionWords[connection];
}
