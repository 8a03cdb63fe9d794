import type { ConnectionState } from "@grandstand/sdk";

/** One word for each state of the connection, the same in every part of the page. */
export const connectionWords = {
  connecting: "Connecting",
  live: "Live",
  catchingUp: "Catching up",
  offline: "Offline",
  closed: "Closed",
} as const satisfies Record<ConnectionState["status"], string>;

/** The word for a live view that shows what was last known. */
export function staleWord(connection: ConnectionState["status"]): string {
  // Connected, and this view is not up to date yet.
  return connection === "live" ? connectionWords.catchingUp : connectionWords[connection];
}
