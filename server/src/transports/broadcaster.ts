import type { Push } from "@grandstand/shared/channels";
import type { Broadcaster, Connection } from "../core/connection.js";

/** A connection that takes bytes as they are. */
export interface EncodedConnection extends Connection {
  write(encoded: Buffer): void;
}

/** Local fan-out by sets of connections; a push is encoded once for all of an group. */
export class EncodedBroadcaster implements Broadcaster {
  readonly #groups = new Map<string, Set<EncodedConnection>>();

  /** @param onSent called for each connection that was sent something */
  constructor(
    readonly encode: (push: Push) => Buffer,
    readonly onSent: (connection: Connection) => void,
  ) {}

  join(group: string, connection: EncodedConnection): void {
    const members = this.#groups.get(group) ?? new Set();
    this.#groups.set(group, members.add(connection));
  }

  leave(group: string, connection: EncodedConnection): void {
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
