import type { Revocations } from "../../auth/revocations.js";
import type { Connection } from "../../calls/connection.js";
import type { Connections } from "../../live/connections.js";

/** Closes the connections of this node whose credentials were revoked. */
export function closeRevoked(connections: Connections, revocations: Revocations): void {
  for (const connection of connections) closeIfRevoked(connection, revocations);
}

/** One that was let in, or went on with another token, while the notice came. */
export function closeIfRevoked(connection: Connection, revocations: Revocations): void {
  if (revocations.covers(connection.caller)) connection.close("revoked");
}
