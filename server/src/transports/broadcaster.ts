import type { Push } from "@grandstand/shared/channels";
import type { Broadcaster, Connection } from "../core/connection.js";

/** A connection that accepts encoded pushes. */
export interface EncodedConnection<Encoded = Buffer> extends Connection {
  write(encoded: Encoded): void;
}

/** Broadcasts pushes to groups of local connections. A push is encoded once for its whole group. */
export class EncodedBroadcaster<Encoded = Buffer> implements Broadcaster {
  readonly #groups = new Map<string, Set<EncodedConnection<Encoded>>>();

  /** @param onSent called after each send to a connection */
  constructor(
    readonly encode: (push: Push) => Encoded,
    readonly onSent: (connection: Connection) => void,
  ) {}

  join(group: string, connection: EncodedConnection<Encoded>): void {
    const members = this.#groups.get(group) ?? new Set();
    this.#groups.set(group, members.add(connection));
  }

  leave(group: string, connection: EncodedConnection<Encoded>): void {
    const members = this.#groups.get(group);
    members?.delete(connection);
    if (members?.size === 0) this.#groups.delete(group);
  }

  broadcast(group: string, push: Push, except?: ReadonlySet<Connection>): void {
    const members = this.#groups.get(group);
    if (!members) return;
    const encoded = this.encode(push);
    for (const connection of members) {
      if (except?.has(connection)) continue;
      connection.write(encoded);
      this.onSent(connection);
    }
  }
}
